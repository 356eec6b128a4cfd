import { parseArgs } from 'node:util';
import {
  type DeployPlan,
  type DeployResult,
  deploy,
  planDeploy,
} from '../../src/publish/deploy.ts';
import { readBuild } from '../../src/publish/read-build.ts';
import { PUBLISH_FLAGS } from '../../src/settings/publish-settings.ts';
import { print, printJson, tell } from '../cli/print.ts';
import { progressLine } from '../cli/progress-line.ts';
import { formatBytes } from '../site/summarize.ts';
import { openTarget, PROBE_HELP, runPublishCommand, TARGET_HELP } from './publish-command.ts';
import { UploadMeter } from './upload-meter.ts';

const HELP = `
Publishes a build to S3 and CloudFront. Until all of it is there, and the router has been tried on CloudFront, the site stays
as it is; then it changes at once. What fails or dies on the way is gone on with by the next deploy.

  npm run deploy -- [--dir DIR] [--dry-run] [--force] [options]

  --dir DIR             the build                                           (dist)
  --dry-run             tell what would be done, and do nothing
  --force               also where more than a fifth of the plugins or releases is lost
  --concurrency N       how many objects are on their way at once           (64)
${PROBE_HELP}
${TARGET_HELP}

Example:
  npm run build
  npm run deploy -- --bucket my-marketplace --function my-marketplace-router --distribution E1ABCDEF
`;

await runPublishCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      ...PUBLISH_FLAGS,
      'dry-run': { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      'no-probe': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { settings, target, probe } = await openTarget(values);
  const build = await readBuild(settings.dir);
  const options = {
    target,
    build,
    concurrency: settings.concurrency,
    isForced: values.force,
  };
  if (values['dry-run']) {
    const plan = await planDeploy(options);
    if (values.json) printJson(toJson(plan));
    else print(`${describePlan(plan)}\n`);
    return;
  }
  const progress = progressLine(process.stderr, values.json);
  const meter = new UploadMeter(() => performance.now());
  const result = await deploy({
    ...options,
    ...(values['no-probe'] ? {} : { probe: await probe() }),
    say: (line) => {
      progress.clear();
      if (!values.json) tell(line);
    },
    onProgress: (state) => progress.show(meter.describe(state), state.done === state.total),
  }).finally(progress.clear);
  if (values.json) printJson(toJson(result));
  else print(`${describeResult(result)}\n`);
});

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
  const { upload: _, ...told } = result;
  return { ...told, ...amounts(result) };
}

function describePlan(plan: DeployPlan): string {
  if (plan.isLive) return `Snapshot ${plan.id} is live already: nothing to do`;
  const { present, uploaded, uploadedBytes, copied } = amounts(plan);
  return [
    `Snapshot ${plan.id} would take the place of ${plan.liveId ?? 'a router without a snapshot'}`,
    `  upload   ${uploaded} files of ${formatBytes(uploadedBytes)}`,
    `  copy     ${copied} files from the live snapshot, inside the bucket`,
    `  keep     ${present} files that are there`,
  ].join('\n');
}

function describeResult(result: DeployResult): string {
  const { id, liveId, isLive, router, probes } = result;
  if (isLive) return `Snapshot ${id} is live already: nothing to do`;
  const { present, uploaded, uploadedBytes, copied } = amounts(result);
  const site = probes === 0 ? '' : `, ${probes} of the site`;
  return [
    `Snapshot ${id} is live, in place of ${liveId ?? 'a router without a snapshot'}`,
    `  files    ${uploaded} uploaded (${formatBytes(uploadedBytes)}), ${copied} copied, ${present} were there`,
    `  checked  ${router?.requests} requests on CloudFront, at most ${router?.computeUtilization} % of the time allowed${site}`,
  ].join('\n');
}
