import assert from 'node:assert/strict';
import vm from 'node:vm';
import { type Job, parseWorkflow, type Workflow, type WorkflowTexts } from '../read-workflows.ts';

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
  'publish.yml publish': { contents: 'read', 'id-token': 'write' },
  'rollback.yml rollback': { contents: 'read', 'id-token': 'write' },
};

const CREDENTIALS = 'aws-actions/configure-aws-credentials@';

// the branch it runs on, whether it goes on, where it publishes to
const BRANCHES = [
  ['refs/heads/production', true, 'production'],
  ['refs/heads/main', true, 'staging'],
  ['refs/heads/fix-production', false, 'staging'],
  ['refs/tags/production', false, 'staging'],
  ['refs/pull/1/merge', false, 'staging'],
];

export const WORKFLOW_RULES: readonly WorkflowRule[] = [
  {
    rule: 'every action is pinned to a commit, with its version beside it, and to the same one everywhere',
    check: (texts) => {
      const lines = Object.values(texts).flatMap((text) => text.match(/^.*\buses:.*$/gm) ?? []);
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
    rule: 'a job that may write to a pull request runs nothing of it',
    check: (texts) => {
      for (const [file, { jobs }] of parsed(texts)) {
        for (const { permissions, steps } of Object.values(jobs)) {
          if (permissions?.['pull-requests'] !== 'write') continue;
          assert.deepEqual(
            steps.flatMap(({ uses }) => uses ?? []),
            [],
            `${file} checks it out`,
          );
        }
      }
    },
  },
  {
    rule: 'no checkout leaves its token behind, and no job runs for ever',
    check: (texts) => {
      for (const [file, { jobs }] of parsed(texts)) {
        for (const job of Object.values(jobs)) {
          assert.ok((job['timeout-minutes'] ?? 360) <= 60, `${file} has no timeout`);
          for (const { uses, with: options } of job.steps) {
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
        for (const { run } of Object.values(workflow.jobs).flatMap(({ steps }) => steps)) {
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
        ['ci.yml', ['push', 'pull_request']],
        // Not pull_request_target: that would run with the rights of the repository.
        ['diff.yml', ['pull_request']],
        ['publish.yml', ['push', 'workflow_dispatch']],
        ['rollback.yml', ['workflow_dispatch']],
      ]);
      assert.deepEqual(parseWorkflow(texts['ci.yml'] ?? '').on, { push: null, pull_request: null });
      const { push } = parseWorkflow(texts['publish.yml'] ?? '').on;
      assert.deepEqual((push as { branches: unknown }).branches, ['main', 'production']);
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
      for (const [file, { steps }] of publishingJobs(texts)) {
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
      for (const [file, { steps }] of publishingJobs(texts)) {
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
        .flatMap(([, { steps }]) => steps)
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

function publishingJobs(texts: WorkflowTexts): [keyof typeof PUBLISHING, Job][] {
  return (Object.keys(PUBLISHING) as (keyof typeof PUBLISHING)[]).flatMap((file) =>
    Object.values(parseWorkflow(texts[file] ?? '').jobs).map(
      (job): [keyof typeof PUBLISHING, Job] => [file, job],
    ),
  );
}

/** What an expression of a workflow is worth on a branch: those used here are JavaScript as well. */
function evaluate(expression: string, ref: unknown): unknown {
  const code = expression.replace(/^\$\{\{(.*)\}\}$/, '$1');
  return vm.runInNewContext(code, { github: { ref } });
}
