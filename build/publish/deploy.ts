import {
  type DeployPlan,
  type DeployResult,
  deploy,
  planDeploy,
} from '../../src/publish/deploy.ts';
import type { SnapshotPin } from '../../src/publish/records/signed.ts';
import { PUBLISH_SETTINGS, type PublishSettings } from '../../src/settings/publish-settings.ts';
import { readKeys } from '../../src/signatures/read-keys.ts';
import { runProgram } from '../cli/cli.ts';
import { type CommandContext, defineCommand, locate } from '../cli/command.ts';
import { formatJson } from '../cli/print.ts';
import { formatBytes } from '../site/summarize.ts';
import { CREDENTIALS, PROBE, publishing, readBuildFor, TARGET } from './publish-command.ts';
import { UploadMeter } from './upload-meter.ts';

export const deployCommand = defineCommand({
  call: 'npm run deploy',
  summary: 'Publishes a build: to S3 and CloudFront, another bucket, a folder or by ssh',
  details:
    'The site stays as it is until the whole build is uploaded and checked, on CloudFront by trying the router; then it changes at once. After a failure, run it again: the next deploy resumes.',
  settings: PUBLISH_SETTINGS,
  settingFlags: ['dir', ...TARGET, 'concurrency', 'snapshotKeys', ...PROBE],
  flags: {
    dryRun: { help: 'report what would be done, and do nothing' },
    force: { help: 'publish even if more than a fifth of the plugins or releases is lost' },
    noProbe: { help: 'do not ask the site' },
    json: { help: 'the result as JSON' },
  },
  notes: CREDENTIALS,
  example: `npm run build
npm run deploy -- --bucket my-marketplace --function my-marketplace-router --distribution E1ABCDEF
npm run deploy -- --to ssh://www@host/srv/marketplace --after 'systemctl reload nginx' --site-url https://host`,
  action: ({ settings, flags }, context) =>
    publishing(settings, async ({ target, probe }) => {
      const { print, report, status } = context;
      const build = await readBuildFor(target, locate(settings.dir, context));
      const { concurrency } = settings;
      const pin = await readPin(settings, context);
      const options = { target, build, concurrency, isForced: flags.force, pin };
      if (flags.dryRun) {
        const plan = await planDeploy(options);
        return print(flags.json ? toJson(plan) : `${describePlan(plan)}\n`);
      }
      const meter = new UploadMeter(() => performance.now());
      const result = await deploy({
        ...options,
        ...(flags.noProbe ? {} : { probe: await probe() }),
        report: (line) => {
          status.clear();
          if (!flags.json) report(line);
        },
        onProgress: (state) => status.show(meter.describe(state), state.done === state.total),
      }).finally(status.clear);
      print(flags.json ? toJson(result) : `${describeResult(result)}\n`);
    }),
});

await runProgram(import.meta.url, deployCommand);

async function readPin(
  { snapshotKeys, siteUrl }: PublishSettings,
  { cwd, now }: CommandContext,
): Promise<SnapshotPin | undefined> {
  if (snapshotKeys.length === 0) return undefined;
  const keys = await readKeys(snapshotKeys, cwd);
  return { keys, now: now(), ...(siteUrl !== '' && { site: siteUrl }) };
}

function amounts({ upload }: DeployPlan) {
  const sent = upload.transfers.filter(({ from }) => from === undefined);
  return {
    present: upload.present,
    uploaded: sent.length,
    uploadedBytes: sent.reduce((sum, { file }) => sum + file.size, 0),
    copied: upload.transfers.length - sent.length,
  };
}

function toJson(result: DeployPlan | DeployResult) {
  const { upload: _, keys, signed: _signed, ...others } = result;
  const counts = keys && { keys: { written: keys.changes.length, present: keys.present } };
  return formatJson({ ...others, ...amounts(result), ...counts });
}

function describeLive({ id, signed }: DeployPlan, verb: string): string {
  if (!signed) return `Snapshot ${id} is live already: nothing to do`;
  return `Snapshot ${id} is live already: its signature ${verb} by that of the build`;
}

function describeKeys({ keys }: DeployPlan, verb: string): string[] {
  if (keys === undefined) return [];
  return [`  keys     ${keys.changes.length} ${verb}, ${keys.present} are in the KeyValueStore`];
}

function describePlan(plan: DeployPlan): string {
  if (plan.isLive) return describeLive(plan, 'would be replaced');
  const { present, uploaded, uploadedBytes, copied } = amounts(plan);
  return [
    `Snapshot ${plan.id} would replace ${plan.liveId ?? 'a router without a snapshot'}`,
    `  upload   ${uploaded} files of ${formatBytes(uploadedBytes)}`,
    `  copy     ${copied} files from the live snapshot, where they are`,
    `  keep     ${present} files that are there`,
    ...describeKeys(plan, 'to write'),
  ].join('\n');
}

function describeResult(result: DeployResult): string {
  const { id, liveId, isLive, router, probes } = result;
  if (isLive) return describeLive(result, 'is replaced');
  const { present, uploaded, uploadedBytes, copied } = amounts(result);
  const site = probes === 0 ? '' : `, ${probes} requests to the site`;
  return [
    `Snapshot ${id} is live, in place of ${liveId ?? (router ? 'a router without a snapshot' : 'nothing')}`,
    `  files    ${uploaded} uploaded (${formatBytes(uploadedBytes)}), ${copied} copied, ${present} were there`,
    ...describeKeys(result, 'written'),
    router
      ? `  checked  ${router.requests} requests on CloudFront, at most ${router.computeUtilization} % of the time allowed${site}`
      : `  checked  the digests of ${present + uploaded + copied} files${site}`,
  ].join('\n');
}
