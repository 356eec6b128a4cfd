import assert from 'node:assert/strict';
import vm from 'node:vm';
import { buildInputs } from '../build-inputs.ts';
import { isInPaths } from '../is-in-paths.ts';
import {
  type Job,
  parseWorkflow,
  type Step,
  type Workflow,
  type WorkflowTexts,
} from '../read-workflows.ts';

/** What holds of the workflows, in words, and the check that throws where it does not. */
export interface WorkflowRule {
  readonly rule: string;
  readonly check: (texts: WorkflowTexts) => void;
}

/** The workflows that hold credentials of AWS, each with the step that uses them. */
const PUBLISHING = {
  'publish.yml': 'npm run --silent deploy',
  'rollback.yml': 'npm run --silent rollback',
};

/** What each job may do with the token that GitHub gives it. */
const PERMISSIONS = {
  'ci.yml test': { contents: 'read' },
  'diff.yml diff': { contents: 'read' },
  'diff.yml comment': { 'pull-requests': 'write' },
  'publish.yml test': { contents: 'read' },
  'publish.yml publish': { contents: 'read', 'id-token': 'write' },
  'refresh-upstream.yml refresh': { contents: 'write', 'pull-requests': 'write' },
  'rollback.yml rollback': { contents: 'read', 'id-token': 'write' },
  'update.yml update': { contents: 'write', 'pull-requests': 'write' },
};

const PROPOSING = '${{ secrets.MARKETPLACE_PULL_REQUEST_TOKEN || github.token }}';

/** Which step is told a token or a secret, by which name. */
const TOLD = [
  ['diff.yml', '', 'GH_TOKEN', '${{ github.token }}'],
  ['publish.yml', 'Announce', 'WEBHOOKS', '${{ secrets.MARKETPLACE_WEBHOOKS }}'],
  ['refresh-upstream.yml', 'Propose', 'GH_TOKEN', PROPOSING],
  ['update.yml', 'Update', 'GITHUB_TOKEN', '${{ github.token }}'],
  ['update.yml', 'Propose', 'GH_TOKEN', PROPOSING],
];

/** What has to pass before anything is published, in this order, by the names of the steps. */
const GATES = ['Check', 'Build', 'Read what is live', 'Verify'];

/** The workflow that runs the tests. */
const CI = './.github/workflows/ci.yml';

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

export const WORKFLOW_RULES: readonly WorkflowRule[] = [
  {
    rule: 'every action is pinned to a commit, with its version beside it, and to the same one everywhere',
    check: (texts) => {
      const lines = Object.values(texts)
        .flatMap((text) => text.match(/^.*\buses:.*$/gm) ?? [])
        .filter((line) => line.trim() !== `uses: ${CI}`);
      assert.ok(lines.length > 0);
      const pins = new Map<string, string>();
      for (const line of lines) {
        const pinned = /uses: ([\w./-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$/.exec(line);
        assert.ok(pinned, `${line.trim()} is not pinned`);
        const [, action = '', pin = ''] = pinned;
        assert.equal(pins.get(action) ?? pin, pin, `${action} is pinned twice`);
        pins.set(action, pin);
      }
    },
  },
  {
    rule: 'every job may do what it needs to and no more',
    check: (texts) => {
      const jobs = parsed(texts).flatMap(([file, { permissions, jobs }]) =>
        Object.entries(jobs).map(([name, job]) => [
          `${file} ${name}`,
          job.permissions ?? permissions,
        ]),
      );
      assert.deepEqual(Object.fromEntries(jobs), PERMISSIONS);
      for (const [file, { permissions }] of parsed(texts)) {
        const isLittle = JSON.stringify(permissions) === '{}' || file === 'ci.yml';
        assert.ok(isLittle, `${file} gives all its jobs ${JSON.stringify(permissions)}`);
      }
    },
  },
  {
    rule: 'a job that may write to a pull request runs nothing of it: no code at all, or that of main, by the clock',
    check: (texts) => {
      for (const [file, { on, jobs }] of parsed(texts)) {
        for (const { if: condition, permissions, steps = [] } of Object.values(jobs)) {
          if (permissions?.['pull-requests'] !== 'write' && permissions?.['contents'] !== 'write') {
            continue;
          }
          if (steps.every(({ uses }) => uses === undefined)) continue;
          assert.deepEqual(Object.keys(on), ['schedule', 'workflow_dispatch'], file);
          assert.equal(condition, "github.ref == 'refs/heads/main'", file);
        }
      }
    },
  },
  {
    rule: 'a token or a secret is told to the step that needs it, and to no other',
    check: (texts) => {
      const isSecret = /\bsecrets\b|github\.token|\bsecrets:/;
      const told = parsed(texts).flatMap(([file, workflow]) =>
        stepsOf(workflow).flatMap(({ name = '', env = {} }) =>
          Object.entries(env)
            .filter(([, value]) => isSecret.test(value))
            .map(([variable, value]) => [file, name, variable, value]),
        ),
      );
      assert.deepEqual(told, TOLD);
      const lines = Object.entries(texts).flatMap(([file, text]) =>
        text
          .split('\n')
          .filter((line) => isSecret.test(line) && !line.trim().startsWith('#'))
          .map((line) => [file, line.trim()]),
      );
      assert.deepEqual(
        lines,
        TOLD.map(([file, , variable, value]) => [file, `${variable}: ${value}`]),
        'one is named elsewhere',
      );
    },
  },
  {
    rule: 'no checkout leaves its token behind, and no job runs for ever',
    check: (texts) => {
      for (const [file, { jobs }] of parsed(texts)) {
        for (const job of Object.values(jobs)) {
          assert.ok(job.uses || (job['timeout-minutes'] ?? 360) <= 60, `${file} has no timeout`);
          for (const { uses, with: options } of job.steps ?? []) {
            if (!uses?.startsWith('actions/checkout@')) continue;
            assert.equal(options?.['persist-credentials'], false, file);
          }
        }
      }
    },
  },
  {
    rule: 'no script is put together by GitHub: what comes from outside reaches it as a variable',
    check: (texts) => {
      for (const [file, workflow] of parsed(texts)) {
        for (const { run } of stepsOf(workflow)) {
          assert.ok(!run?.includes('${{'), `${file}: ${run}`);
        }
      }
    },
  },
  {
    rule: 'CI looks at every push and pull request; publishing starts by a push to its branches, or by hand',
    check: (texts) => {
      const triggers = parsed(texts).map(([file, { on }]) => [file, Object.keys(on)]);
      assert.deepEqual(triggers, [
        ['ci.yml', ['push', 'pull_request', 'workflow_call']],
        // Not pull_request_target: that would run with the rights of the repository.
        ['diff.yml', ['pull_request']],
        ['publish.yml', ['push', 'workflow_dispatch']],
        ['refresh-upstream.yml', ['schedule', 'workflow_dispatch']],
        ['rollback.yml', ['workflow_dispatch']],
        ['update.yml', ['schedule', 'workflow_dispatch']],
      ]);
      const whenever = { push: null, pull_request: null, workflow_call: null };
      assert.deepEqual(parseWorkflow(texts['ci.yml'] ?? '').on, whenever);
      const { push } = parseWorkflow(texts['publish.yml'] ?? '').on;
      assert.deepEqual((push as { branches: unknown }).branches, [
        'main',
        'production',
        'private-beta',
      ]);
    },
  },
  {
    rule: 'CI runs what .ci/run runs, on every Node that we support, and skips nothing',
    check: (texts) => {
      const { jobs } = parseWorkflow(texts['ci.yml'] ?? '');
      assert.deepEqual(Object.keys(jobs), ['test']);
      assert.deepEqual(jobs['test']?.strategy?.matrix, { node: [20, 22, 24] });
      assert.equal(jobs['test']?.container, 'node:${{ matrix.node }}-bookworm');
      const steps = jobs['test']?.steps?.filter(({ run }) => run);
      const env = { MORE_NODES: '', REAL_CORPORA: 'optional' };
      assert.deepEqual(steps, [{ run: '.ci/run', env }]);
      assert.doesNotMatch(texts['ci.yml'] ?? '', /^\s*CI:|continue-on-error/m);
    },
  },
  {
    rule: 'nothing is published that has not passed the tests, check, and verify of what differs from what is live',
    check: (texts) => {
      const { jobs } = parseWorkflow(texts['publish.yml'] ?? '');
      assert.equal(jobs['test']?.uses, CI);
      assert.equal(jobs['test']?.if, undefined);
      assert.equal(jobs['publish']?.needs, 'test');
      assert.doesNotMatch(jobs['publish']?.if ?? '', /always|failure|cancelled|success/);
      const steps = jobs['publish']?.steps ?? [];
      const before = steps.slice(
        0,
        steps.findIndex(({ uses }) => uses?.startsWith(CREDENTIALS)),
      );
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
      const [[, { steps = [] }] = ['', { steps: [] }]] = publishingJobs(texts);
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
      for (const [file, { steps = [] }] of publishingJobs(texts)) {
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
      for (const [file, { steps = [] }] of publishingJobs(texts)) {
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

function parsed(texts: WorkflowTexts): [string, Workflow][] {
  return Object.entries(texts).map(([file, text]) => [file, parseWorkflow(text)]);
}

function stepsOf({ jobs }: Workflow): Step[] {
  return Object.values(jobs).flatMap(({ steps = [] }) => steps);
}

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

/** What an expression of a workflow is worth on a branch: those used here are JavaScript as well. */
function evaluate(expression: string, ref: unknown): unknown {
  const code = expression.replace(/^\$\{\{(.*)\}\}$/, '$1');
  return vm.runInNewContext(code, { github: { ref }, always: () => true });
}
