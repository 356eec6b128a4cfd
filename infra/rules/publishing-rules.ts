import vm from 'node:vm';
import { at } from '../template.ts';
import { type Job, jobsOf, stepNamed, type Workflows } from '../workflows.ts';
import { CI } from './job-rules.ts';
import { buildInputs, isInPaths } from './publish-paths.ts';
import type { Rules } from './rule.ts';

/** The workflows that hold credentials of AWS, each with the command that uses them. */
const PUBLISHING: Readonly<Record<string, string>> = {
  'publish.yml': 'npm run --silent deploy',
  'rollback.yml': 'npm run --silent rollback',
};

/** The steps of the build, in this order, and what the scripts of some are. */
const GATES: readonly (readonly [string, RegExp])[] = [
  ['Check', /^npm run catalog -- check$/],
  ['Build', /^npm run build -- --strict$/m],
  [
    'Read what is live',
    /catalog -- import "\$MARKETPLACE_SITE_URL" --out "\$RUNNER_TEMP\/live\.json"; then\n.*else\n\s+echo '\[\]' > "\$RUNNER_TEMP\/live\.json"/s,
  ],
  ['Verify', /^npm run catalog -- verify --changed-since "\$RUNNER_TEMP\/live\.json"$/],
  ['Pack', /sha256sum/],
];

const CREDENTIALS = 'aws-actions/configure-aws-credentials@';

// the branch that it runs on, whether it publishes, the environment
const BRANCHES = [
  ['refs/heads/production', true, 'production'],
  ['refs/heads/private-beta', true, 'private-beta'],
  ['refs/heads/main', true, 'staging'],
  ['refs/heads/fix-production', false, 'staging'],
  ['refs/tags/production', false, 'staging'],
  ['refs/pull/1/merge', false, 'staging'],
] as const;

/** Rules for publishing: what must have passed, where it goes, and who is notified. */
export const PUBLISHING_RULES: Rules<Workflows> = {
  'what is published has passed tests, check, and verify of what differs from what is live': ({
    parsed,
  }) => {
    const { test, build, publish } = parsed['publish.yml']?.jobs ?? {};
    const steps = build?.steps ?? [];
    const gates = steps.filter(({ name }) => name);
    return [
      [
        [test?.uses, test?.if],
        [CI, undefined],
      ],
      [
        [build?.needs, publish?.needs],
        ['test', 'build'],
      ],
      [`${build?.if} ${publish?.if}`, /^(?!.*(always|failure|cancelled|success))/],
      // None may be left out, or fail without notice.
      ...steps.map(
        (step) =>
          [
            [step.if, step['continue-on-error']],
            [undefined, undefined],
          ] as const,
      ),
      [gates.map(({ name }) => name), GATES.map(([name]) => name)],
      ...GATES.map(([, script], position) => [gates[position]?.run, script] as const),
    ];
  },

  'a job that may take a role builds nothing, and installs nothing for development': (workflows) =>
    trustedJobs(workflows).flatMap(({ job: { steps = [] } }) => {
      const scripts = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
      return [
        [
          scripts.filter((run) => /\bnpm (ci|i|install|exec)\b|\bnpx\b/.test(run)),
          ['npm ci --omit=dev --ignore-scripts --no-audit --no-fund'],
        ],
        [scripts.join('\n'), /^(?!.*npm run( --silent)? (build|catalog|test)\b)/s],
      ];
    }),

  'what is published is what the build job packed, byte for byte': ({ parsed }) => {
    const { build, publish } = parsed['publish.yml']?.jobs ?? {};
    const [packed, sent] = build?.steps?.slice(-2) ?? [];
    const steps = publish?.steps ?? [];
    const got = steps.findIndex(({ uses }) => uses?.startsWith('actions/download-artifact@'));
    const unpack = steps[got + 1];
    return [
      [build?.outputs, { sha256: '${{ steps.pack.outputs.sha256 }}' }],
      [packed?.id, 'pack'],
      [sent?.uses, /^actions\/upload-artifact@/],
      [sent?.with?.['path'], '${{ runner.temp }}/build.tar'],
      [unpack?.env, { SHA256: '${{ needs.build.outputs.sha256 }}' }],
      [
        unpack?.run,
        /^echo "\$SHA256 {2}\$RUNNER_TEMP\/build\.tar" \| sha256sum --check --strict\n/,
      ],
      // Only then the job assumes a role.
      [steps[got + 2]?.uses, new RegExp(`^${CREDENTIALS}`)],
    ];
  },

  'a change of any file that a build reads is published, and diffed on a pull request': (
    workflows,
  ) => {
    const publish = pathsOf(workflows, 'publish.yml', 'push');
    const diff = pathsOf(workflows, 'diff.yml', 'pull_request');
    return [
      [publish, [...diff, '.github/workflows/publish.yml']],
      [buildInputs().filter((file) => !isInPaths(file, diff)), []],
    ];
  },

  'private-beta is laid over production, and no other branch is': (workflows) => {
    const build = stepNamed(workflows, 'publish.yml', 'Build');
    const refresh = stepNamed(workflows, 'refresh-upstream.yml', 'Refresh');
    return [
      ...['production', 'main', 'private-beta'].flatMap((branch) => {
        const vars = { MARKETPLACE_PRODUCTION_URL: 'production' };
        const github = { ref: `refs/heads/${branch}` };
        return [build, refresh].map((step) => [
          evaluate(step?.env?.['BUILD_UPSTREAM_URL'], { vars, github, matrix: { branch } }),
          branch === 'private-beta' ? 'production' : '',
        ]) as [unknown, unknown][];
      }),
      [refresh?.run, 'npm run build -- --refresh --strict --plan'],
    ];
  },

  'only production is announced, last of all, and the publish does not fail if that fails': ({
    parsed,
  }) => {
    const last = parsed['publish.yml']?.jobs['publish']?.steps?.at(-1);
    return [
      [
        [last?.name, last?.['continue-on-error']],
        ['Announce', true],
      ],
      [
        BRANCHES.map(([ref]) => ref).filter((ref) => evaluateOn(ref, last?.if ?? 'true')),
        ['refs/heads/production'],
      ],
      // No address of a webhook is shown.
      [
        last?.run,
        /^(?!.*(set -\w*[xv]|--verbose|--show-error|echo [^\n]*\$(webhook|WEBHOOKS)\b))/s,
      ],
    ];
  },

  'the branch decides the environment, and no other branch reaches one': (workflows) =>
    publishingJobs(workflows).map(({ job }) => [
      BRANCHES.map(([ref]) => [
        ref,
        evaluateOn(ref, job.if ?? 'true'),
        evaluateOn(ref, job.environment ?? '""'),
      ]),
      BRANCHES,
    ]),

  'in each environment one job runs at a time, and runs to its end': ({ parsed }) =>
    Object.keys(PUBLISHING).flatMap((file) => {
      const concurrency = parsed[file]?.concurrency;
      return [
        [concurrency?.['cancel-in-progress'], false],
        ...BRANCHES.map(
          ([ref, , environment]) =>
            [evaluateOn(ref, concurrency?.group ?? ''), environment] as const,
        ),
      ];
    }),

  'the role of the environment is taken right before the command that needs it': (workflows) =>
    trustedJobs(workflows).flatMap(({ file, job: { steps = [] } }) => {
      const taken = steps.findIndex(({ uses }) => uses?.startsWith(CREDENTIALS));
      return [
        [
          steps[taken]?.with,
          { 'role-to-assume': '${{ vars.AWS_ROLE_ARN }}', 'aws-region': 'us-east-1' },
        ],
        [steps[taken + 1]?.run, new RegExp(PUBLISHING[file] ?? '')],
      ];
    }),

  'the publisher has its settings from the environment, and a pipe hides no failure': (workflows) =>
    trustedJobs(workflows).flatMap(({ file, job: { steps = [] } }) => {
      const step = steps.find(({ run }) => run?.includes(PUBLISHING[file] ?? ''));
      const names = ['BUCKET', 'FUNCTION', 'KEY_VALUE_STORE', 'DISTRIBUTION', 'SITE_URL'].map(
        (setting) => `MARKETPLACE_${setting}`,
      );
      return [
        // GitHub runs bash with pipefail.
        [step?.shell, 'bash'],
        ...names.map((name) => [step?.env?.[name], `\${{ vars.${name} }}`] as const),
      ];
    }),

  'what is published is a strict build that names its commit': (workflows) => {
    const script = stepNamed(workflows, 'publish.yml', 'Build')?.run;
    return [
      [script, /npm run build -- --strict$/m],
      [script, /^BUILD_TAG=\$\(git describe .*\)$/m],
      [script, /^BUILD_HASH=\$\(git rev-parse HEAD\)$/m],
      [script, /^export BUILD_TAG BUILD_HASH$/m],
    ];
  },
};

function pathsOf({ parsed }: Workflows, file: string, trigger: string): readonly string[] {
  return at(parsed, `${file}/on/${trigger}/paths`) as string[];
}

function publishingJobs(workflows: Workflows): { file: string; job: Job }[] {
  return jobsOf(workflows).filter(
    ({ file, job }) => Object.hasOwn(PUBLISHING, file) && job.uses === undefined,
  );
}

/** Those that may take a role on AWS. */
function trustedJobs(workflows: Workflows) {
  return publishingJobs(workflows).filter(({ job }) => job.permissions?.['id-token']);
}

function evaluateOn(ref: string, expression: string): unknown {
  return evaluate(expression, { github: { ref }, always: () => true });
}

/** The value of a workflow expression: those used here are valid JavaScript. */
function evaluate(expression: string | undefined, variables: object): unknown {
  return vm.runInNewContext(String(expression).replace(/^\$\{\{(.*)\}\}$/, '$1'), variables);
}
