import assert from 'node:assert/strict';
import vm from 'node:vm';
import { buildInputs } from '../build-inputs.ts';
import { isInPaths } from '../is-in-paths.ts';
import { type Job, parseWorkflow, type WorkflowTexts } from '../read-workflows.ts';
import { CI, stepsOf, type WorkflowRule } from './workflow-rule.ts';

/** The workflows that hold credentials of AWS, each with the step that uses them. */
const PUBLISHING = {
  'publish.yml': 'npm run --silent deploy',
  'rollback.yml': 'npm run --silent rollback',
};

/** What has to pass before anything is published, in this order, by the names of the steps. */
const GATES = ['Check', 'Build', 'Read what is live', 'Verify', 'Pack'];

const CREDENTIALS = 'aws-actions/configure-aws-credentials@';

// the branch it runs on, whether it goes on, where it publishes to
const BRANCHES = [
  ['refs/heads/production', true, 'production'],
  ['refs/heads/private-beta', true, 'private-beta'],
  ['refs/heads/main', true, 'staging'],
  ['refs/heads/fix-production', false, 'staging'],
  ['refs/tags/production', false, 'staging'],
  ['refs/pull/1/merge', false, 'staging'],
];

/** What publishing keeps: what must have passed, where it goes, and what is told of it. */
export const publishingRules: readonly WorkflowRule[] = [
  {
    rule: 'nothing is published that has not passed the tests, check, and verify of what differs from what is live',
    check: (texts) => {
      const { jobs } = parseWorkflow(texts['publish.yml'] ?? '');
      assert.equal(jobs['test']?.uses, CI);
      assert.equal(jobs['test']?.if, undefined);
      assert.deepEqual([jobs['build']?.needs, jobs['publish']?.needs], ['test', 'build']);
      for (const name of ['build', 'publish']) {
        assert.doesNotMatch(jobs[name]?.if ?? '', /always|failure|cancelled|success/);
      }
      const before = jobs['build']?.steps ?? [];
      const gates = before.filter(({ name }) => name);
      assert.deepEqual(
        gates.map(({ name }) => name),
        GATES,
      );
      for (const step of before) {
        assert.equal(step.if, undefined, `${step.name} may be left out`);
        assert.equal(step['continue-on-error'], undefined, `${step.name} may fail`);
      }
      assert.equal(gates[0]?.run, 'npm run catalog -- check');
      assert.match(
        gates[2]?.run ?? '',
        /catalog -- import "\$MARKETPLACE_SITE_URL" --out "\$RUNNER_TEMP\/live\.json"; then/,
      );
      assert.match(gates[2]?.run ?? '', /else\n\s+echo '\[\]' > "\$RUNNER_TEMP\/live\.json"/);
      assert.equal(
        gates[3]?.run,
        'npm run catalog -- verify --changed-since "$RUNNER_TEMP/live.json"',
      );
    },
  },
  {
    rule: 'a job that may take a role builds nothing, and installs nothing for development',
    check: (texts) => {
      for (const [file, { steps = [] }] of trustedJobs(texts)) {
        const scripts = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
        const installs = scripts.filter((run) => /\bnpm (ci|i|install|exec)\b|\bnpx\b/.test(run));
        assert.deepEqual(installs, ['npm ci --omit=dev --ignore-scripts --no-audit --no-fund']);
        assert.ok(
          !scripts.some((run) => /npm run( --silent)? (build|catalog|test)\b/.test(run)),
          file,
        );
      }
    },
  },
  {
    rule: 'what is published is what the build job packed, byte for byte',
    check: (texts) => {
      const { jobs } = parseWorkflow(texts['publish.yml'] ?? '');
      const [build, publish] = [jobs['build'], jobs['publish']];
      assert.deepEqual(build?.outputs, { sha256: '${{ steps.pack.outputs.sha256 }}' });
      const [packed, sent] = build?.steps?.slice(-2) ?? [];
      assert.equal(packed?.id, 'pack');
      assert.ok(sent?.uses?.startsWith('actions/upload-artifact@'));
      assert.equal(sent?.with?.['path'], '${{ runner.temp }}/build.tar');
      const steps = publish?.steps ?? [];
      const got = steps.findIndex(({ uses }) => uses?.startsWith('actions/download-artifact@'));
      const unpack = steps[got + 1];
      assert.deepEqual(unpack?.env, { SHA256: '${{ needs.build.outputs.sha256 }}' });
      assert.match(
        unpack?.run ?? '',
        /^echo "\$SHA256 {2}\$RUNNER_TEMP\/build\.tar" \| sha256sum --check --strict\n/,
      );
      assert.ok(steps[got + 2]?.uses?.startsWith(CREDENTIALS), 'only then a role is taken');
    },
  },
  {
    rule: 'a change of whatever a build reads is published, and told of on a pull request',
    check: (texts) => {
      const publish = pathsOf(texts['publish.yml'], 'push');
      const diff = pathsOf(texts['diff.yml'], 'pull_request');
      assert.deepEqual(
        publish.filter((pattern) => pattern !== '.github/workflows/publish.yml'),
        diff,
      );
      const inputs = buildInputs();
      assert.deepEqual(
        inputs.filter((file) => !isInPaths(file, diff)),
        [],
      );
      assert.ok(isInPaths('.github/workflows/publish.yml', publish));
    },
  },
  {
    rule: 'private-beta is laid over production, and no other branch is',
    check: (texts) => {
      const url = (given: unknown, variables: object) =>
        vm.runInNewContext(String(given).replace(/^\$\{\{(.*)\}\}$/, '$1'), variables);
      const vars = { MARKETPLACE_PRODUCTION_URL: 'production' };
      const build = publishingJobs(texts)
        .flatMap(([, { steps = [] }]) => steps)
        .find(({ name }) => name === 'Build');
      const fetched = stepsOf(parseWorkflow(texts['refresh-upstream.yml'] ?? '')).find(
        ({ name }) => name === 'Refresh',
      );
      for (const branch of ['production', 'main', 'private-beta']) {
        const expected = branch === 'private-beta' ? 'production' : '';
        const ref = `refs/heads/${branch}`;
        const given = build?.env?.['BUILD_UPSTREAM_URL'];
        assert.equal(url(given, { vars, github: { ref } }), expected);
        const refreshed = fetched?.env?.['BUILD_UPSTREAM_URL'];
        assert.equal(url(refreshed, { vars, matrix: { branch } }), expected);
      }
      assert.match(fetched?.run ?? '', /^npm run build -- --refresh --strict --plan$/);
    },
  },
  {
    rule: 'production alone is announced, at the very end, and no failure of that is one of the publish',
    check: (texts) => {
      const [[, { steps = [] }] = ['', { steps: [] }]] = trustedJobs(texts);
      const last = steps.at(-1);
      assert.equal(last?.name, 'Announce');
      assert.equal(last?.['continue-on-error'], true);
      const announced = BRANCHES.filter(([ref]) => evaluate(last?.if ?? 'true', ref));
      assert.deepEqual(
        announced.map(([ref]) => ref),
        ['refs/heads/production'],
      );
      assert.doesNotMatch(
        last?.run ?? '',
        /set -\w*[xv]|--verbose|--show-error|echo [^\n]*\$(webhook|WEBHOOKS)\b/,
      );
    },
  },
  {
    rule: 'the branch decides the environment, and no other branch reaches one',
    check: (texts) => {
      for (const [file, job] of publishingJobs(texts)) {
        const decisions = BRANCHES.map(([ref]) => [
          ref,
          evaluate(job.if ?? 'true', ref),
          evaluate(job.environment ?? '""', ref),
        ]);
        assert.deepEqual(decisions, BRANCHES, file);
      }
    },
  },
  {
    rule: 'in each environment one thing is done at a time, and is done to its end',
    check: (texts) => {
      for (const file of Object.keys(PUBLISHING)) {
        const { concurrency } = parseWorkflow(texts[file] ?? '');
        assert.equal(concurrency?.['cancel-in-progress'], false, file);
        for (const [ref, , environment] of BRANCHES) {
          assert.equal(evaluate(concurrency?.group ?? '', ref), environment, file);
        }
      }
    },
  },
  {
    rule: 'credentials are taken in the region of the stack, after all that needs none, by the role of the environment',
    check: (texts) => {
      for (const [file, { steps = [] }] of trustedJobs(texts)) {
        const taken = steps.findIndex(({ uses }) => uses?.startsWith(CREDENTIALS));
        assert.deepEqual(steps[taken]?.with, {
          'role-to-assume': '${{ vars.AWS_ROLE_ARN }}',
          'aws-region': 'us-east-1',
        });
        const command = PUBLISHING[file];
        assert.ok(steps[taken + 1]?.run?.includes(command), `${file}: ${command} comes next`);
      }
    },
  },
  {
    rule: 'the publisher gets its settings from the environment, and its failure is not lost in a pipe',
    check: (texts) => {
      for (const [file, { steps = [] }] of trustedJobs(texts)) {
        const step = steps.find(({ run }) => run?.includes(PUBLISHING[file]));
        assert.equal(step?.shell, 'bash', 'GitHub runs it with pipefail');
        for (const setting of ['BUCKET', 'FUNCTION', 'DISTRIBUTION', 'SITE_URL']) {
          const name = `MARKETPLACE_${setting}`;
          assert.equal(step?.env?.[name], `\${{ vars.${name} }}`, file);
        }
      }
    },
  },
  {
    rule: 'what is published is a strict build, and says of which commit',
    check: (texts) => {
      const build = publishingJobs(texts)
        .flatMap(([, { steps = [] }]) => steps)
        .find(({ run }) => run?.includes('npm run build'))?.run;
      assert.match(build ?? '', /npm run build -- --strict$/m);
      assert.match(build ?? '', /^BUILD_TAG=\$\(git describe .*\)$/m);
      assert.match(build ?? '', /^BUILD_HASH=\$\(git rev-parse HEAD\)$/m);
      assert.match(build ?? '', /^export BUILD_TAG BUILD_HASH$/m);
    },
  },
];

function pathsOf(text: string | undefined, trigger: string): readonly string[] {
  const { paths } = parseWorkflow(text ?? '').on[trigger] as { paths: readonly string[] };
  return paths;
}

function publishingJobs(texts: WorkflowTexts): [keyof typeof PUBLISHING, Job][] {
  return (Object.keys(PUBLISHING) as (keyof typeof PUBLISHING)[]).flatMap((file) =>
    Object.values(parseWorkflow(texts[file] ?? '').jobs)
      .filter(({ uses }) => uses === undefined)
      .map((job): [keyof typeof PUBLISHING, Job] => [file, job]),
  );
}

/** Those that may take a role on AWS. */
function trustedJobs(texts: WorkflowTexts) {
  return publishingJobs(texts).filter(([, { permissions }]) => permissions?.['id-token']);
}

/** What an expression of a workflow is worth on a branch: those used here are JavaScript as well. */
function evaluate(expression: string, ref: unknown): unknown {
  const code = expression.replace(/^\$\{\{(.*)\}\}$/, '$1');
  return vm.runInNewContext(code, { github: { ref }, always: () => true });
}
