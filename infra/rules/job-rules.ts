import assert from 'node:assert/strict';
import { parseWorkflow } from '../read-workflows.ts';
import { CI, parsed, stepsOf, type WorkflowRule } from './workflow-rule.ts';

/** What each job may do with the token that GitHub gives it. */
const PERMISSIONS = {
  'ci.yml test': { contents: 'read' },
  'diff.yml diff': { contents: 'read' },
  'diff.yml comment': { 'pull-requests': 'write' },
  'publish.yml test': { contents: 'read' },
  'publish.yml build': { contents: 'read' },
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

/** What every workflow keeps: how it starts, what it runs, and what it may do. */
export const jobRules: readonly WorkflowRule[] = [
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
      const { node, include, ...others } = jobs['test']?.strategy?.matrix ?? {};
      assert.deepEqual([node, others], [[20, 22, 24], {}]);
      const images = (include ?? []) as readonly { node: number; image: string }[];
      assert.deepEqual(
        images.map(({ node }) => node),
        node,
      );
      for (const { node, image } of images) {
        assert.match(image, new RegExp(`^node:${node}-bookworm@sha256:[0-9a-f]{64}$`), 'pinned');
      }
      assert.equal(jobs['test']?.container, '${{ matrix.image }}');
      const steps = jobs['test']?.steps?.filter(({ run }) => run);
      const env = { MORE_NODES: '', REAL_CORPORA: 'optional' };
      assert.deepEqual(steps, [{ run: '.ci/run', env }]);
      assert.doesNotMatch(texts['ci.yml'] ?? '', /^\s*CI:|continue-on-error/m);
    },
  },
];
