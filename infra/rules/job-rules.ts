import { at } from '../template.ts';
import { jobsOf, stepsOf, type Workflows } from '../workflows.ts';
import type { Rules } from './rule.ts';

/** The workflow that runs the tests, as another one uses it. */
export const CI = './.github/workflows/ci.yml';

/** The permissions of each job's GitHub token. */
const PERMISSIONS = {
  'check.yml check': { contents: 'read' },
  'check.yml report': { issues: 'write' },
  'ci.yml test': { contents: 'read' },
  'diff.yml diff': { contents: 'read' },
  'diff.yml comment': { 'pull-requests': 'write' },
  'plugin-request.yml try': { contents: 'read' },
  'plugin-request.yml answer': { issues: 'write' },
  'plugin-request.yml propose': { contents: 'write', 'pull-requests': 'write' },
  'publish.yml test': { contents: 'read' },
  'publish.yml build': { contents: 'read' },
  'publish.yml publish': { contents: 'read', 'id-token': 'write' },
  'refresh-upstream.yml refresh': { contents: 'write', 'pull-requests': 'write' },
  'release.yml test': { contents: 'read' },
  'release.yml package': { contents: 'read' },
  'release.yml publish': { 'id-token': 'write', attestations: 'write' },
  'rollback.yml rollback': { contents: 'read', 'id-token': 'write' },
  'update.yml update': { contents: 'write', 'pull-requests': 'write' },
};

/** The triggers of each workflow. Never pull_request_target: that runs with the rights of the repository. */
const TRIGGERS = {
  'check.yml': ['schedule', 'workflow_dispatch'],
  'ci.yml': ['push', 'pull_request', 'workflow_call'],
  'diff.yml': ['pull_request'],
  'plugin-request.yml': ['issues'],
  'publish.yml': ['push', 'workflow_dispatch'],
  'refresh-upstream.yml': ['schedule', 'workflow_dispatch'],
  'release.yml': ['push'],
  'rollback.yml': ['workflow_dispatch'],
  'update.yml': ['schedule', 'workflow_dispatch'],
};

const PROPOSING = '${{ secrets.MARKETPLACE_PULL_REQUEST_TOKEN || github.token }}';

/** The steps that get a token or a secret, with its name. */
const SECRETS = [
  ['check.yml', 'Report', 'GH_TOKEN', '${{ github.token }}'],
  ['diff.yml', undefined, 'GH_TOKEN', '${{ github.token }}'],
  ['plugin-request.yml', 'Add', 'GITHUB_TOKEN', '${{ github.token }}'],
  ['plugin-request.yml', 'Comment', 'GH_TOKEN', '${{ github.token }}'],
  ['plugin-request.yml', 'Propose', 'GH_TOKEN', PROPOSING],
  ['publish.yml', 'Announce', 'WEBHOOKS', '${{ secrets.MARKETPLACE_WEBHOOKS }}'],
  ['refresh-upstream.yml', 'Propose', 'GH_TOKEN', PROPOSING],
  ['update.yml', 'Update', 'GITHUB_TOKEN', '${{ github.token }}'],
  ['update.yml', 'Propose', 'GH_TOKEN', PROPOSING],
];

/** The workflow that tries and proposes what issues ask for. */
const REQUESTS = 'plugin-request.yml';

/** Only who may set labels starts it, and only if the release could be added. */
const AT_LABEL =
  "github.ref == 'refs/heads/main' && github.event.action == 'labeled' && github.event.label.name == 'accepted' && needs.try.outputs.added";

const IS_SECRET = /\bsecrets\b|github\.token/;

/** Rules for every workflow: how it starts, what it runs, and what it may do. */
export const JOB_RULES: Rules<Workflows> = {
  'every action is pinned to a commit, with its version beside it, the same one everywhere': ({
    texts,
  }) => {
    const uses = linesOf(texts, /\buses:/).filter(([, line]) => line !== `uses: ${CI}`);
    const pins = new Map<string, Set<string>>();
    for (const [, line] of uses) {
      const [, action = '', pin = ''] = /uses: ([^@]+)@(.*)$/.exec(line) ?? [];
      pins.set(action, new Set(pins.get(action)).add(pin));
    }
    return [
      ...uses.map(([, line]) => [line, /uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/] as const),
      ...[...pins].map(
        ([action, { size }]) =>
          [
            [action, size],
            [action, 1],
          ] as const,
      ),
    ];
  },

  'every job may do what it needs to and no more': (workflows) => [
    [
      Object.fromEntries(
        jobsOf(workflows).map(({ file, name, job }) => [
          `${file} ${name}`,
          job.permissions ?? workflows.parsed[file]?.permissions,
        ]),
      ),
      PERMISSIONS,
    ],
    ...Object.entries(workflows.parsed).map(
      ([file, { permissions }]) =>
        [
          [file, permissions],
          [file, file === 'ci.yml' ? { contents: 'read' } : {}],
        ] as const,
    ),
  ],

  'a job that may write runs no code, or that of main on a schedule or at the label of a maintainer':
    (workflows) =>
      jobsOf(workflows)
        .filter(({ job: { permissions, steps = [] } }) => {
          const mayWrite = ['pull-requests', 'contents', 'issues'].map(
            (name) => permissions?.[name],
          );
          return mayWrite.includes('write') && steps.some(({ uses }) => uses !== undefined);
        })
        .flatMap(({ file, job }) => {
          const triggers = Object.keys(workflows.parsed[file]?.on ?? {});
          const isByLabel = file === REQUESTS;
          return [
            [triggers, isByLabel ? ['issues'] : ['schedule', 'workflow_dispatch']],
            [job.if, isByLabel ? AT_LABEL : "github.ref == 'refs/heads/main'"],
          ];
        }),

  'an issue is tried by a job that may only read, and its text is in no expression': ({
    texts,
    parsed,
  }) => {
    const { try: trial, answer, propose } = parsed[REQUESTS]?.jobs ?? {};
    const [checkout] = propose?.steps ?? [];
    return [
      [parsed[REQUESTS]?.on, { issues: { types: ['opened', 'edited', 'labeled'] } }],
      [linesOf(texts, /\$\{\{.*\b(body|title|login|toJSON|github\.event\s*\}\})/i), []],
      [
        [answer?.needs, propose?.needs],
        ['try', 'try'],
      ],
      // The code of main: that of no pull request, and of no artifact.
      [trial?.steps?.[0]?.with, { 'persist-credentials': false }],
      [checkout?.with, { 'persist-credentials': false }],
      [
        propose?.steps?.flatMap(({ name, uses }) => name ?? uses?.replace(/@.*/, '')),
        ['actions/checkout', 'actions/download-artifact', 'Take one entry', 'Propose'],
      ],
      [propose?.steps?.map((step) => step.if ?? step['continue-on-error']).join(''), ''],
    ];
  },

  'only the step that needs a token or a secret gets it': (workflows) => [
    [
      stepsOf(workflows).flatMap(({ file, step: { name, env = {} } }) =>
        Object.entries(env)
          .filter(([, value]) => IS_SECRET.test(value))
          .map(([variable, value]) => [file, name, variable, value]),
      ),
      SECRETS,
    ],
    // Nothing else in the files mentions one.
    [
      linesOf(workflows.texts, IS_SECRET),
      SECRETS.map(([file, , variable, value]) => [file, `${variable}: ${value}`]),
    ],
  ],

  'no checkout leaves its token behind': (workflows) =>
    stepsOf(workflows)
      .filter(({ step: { uses } }) => uses?.startsWith('actions/checkout@'))
      .map(({ step }) => [step.with?.['persist-credentials'], false]),

  'no job runs longer than an hour': (workflows) => [
    [
      jobsOf(workflows)
        .filter(({ job: { uses, 'timeout-minutes': minutes = 360 } }) => !uses && minutes > 60)
        .map(({ file, name }) => `${file} ${name}`),
      [],
    ],
  ],

  'GitHub inserts nothing into scripts: they get outside values as variables': (workflows) =>
    stepsOf(workflows).map(({ step: { run = '' } }) => [run, /^(?!.*\$\{\{)/s]),

  'CI runs on every push and pull request; publishing on a push to its branches, or by hand': ({
    parsed,
  }) => [
    [
      Object.fromEntries(Object.entries(parsed).map(([file, { on }]) => [file, Object.keys(on)])),
      TRIGGERS,
    ],
    [parsed['ci.yml']?.on, { push: null, pull_request: null, workflow_call: null }],
    [at(parsed, 'publish.yml/on/push/branches'), ['main', 'production', 'private-beta']],
  ],

  'CI runs .ci/run on every Node that we support, and skips nothing': ({ texts, parsed }) => {
    const { test, ...others } = parsed['ci.yml']?.jobs ?? {};
    const { node, include, ...more } = test?.strategy?.matrix ?? {};
    const images = (include ?? []) as readonly { node: number; image: string }[];
    return [
      [
        [others, node, more],
        [{}, [20, 22, 24], {}],
      ],
      [images.map((image) => image.node), node],
      ...images.map(
        ({ node, image }) =>
          [image, new RegExp(`^node:${node}-bookworm@sha256:[0-9a-f]{64}$`)] as const,
      ),
      [test?.container, '${{ matrix.image }}'],
      [
        test?.steps?.filter(({ run }) => run),
        [{ run: '.ci/run', env: { MORE_NODES: '', REAL_CORPORA: 'optional' } }],
      ],
      [texts['ci.yml'], /^(?!.*(\n\s*CI:|continue-on-error))/s],
    ];
  },
};

/** The lines of each file that match, comments left out. */
function linesOf(texts: Workflows['texts'], pattern: RegExp): [string, string][] {
  return Object.entries(texts).flatMap(([file, text]) =>
    text
      .split('\n')
      .map((line): [string, string] => [file, line.trim().replace(/^- /, '')])
      .filter(([, line]) => pattern.test(line) && !line.startsWith('#')),
  );
}
