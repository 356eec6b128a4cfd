import { at } from '../template.ts';
import type { Workflows } from '../workflows.ts';
import { CI } from './job-rules.ts';
import type { Rules } from './rule.ts';

const RELEASE = 'release.yml';

/** Rules for the package: what it is made of, who may publish it, and what vouches for it. */
export const RELEASE_RULES: Rules<Workflows> = {
  'the package is made of a tested, tagged commit of main': ({ parsed }) => {
    const { test, package: making, publish } = parsed[RELEASE]?.jobs ?? {};
    const steps = making?.steps ?? [];
    return [
      [at(parsed, `${RELEASE}/on`), { push: { tags: ['v*'] } }],
      [
        [test?.uses, test?.if, making?.needs, making?.if, publish?.needs, publish?.if],
        [CI, undefined, 'test', undefined, 'package', undefined],
      ],
      // None may be left out, or fail without notice.
      ...[...steps, ...(publish?.steps ?? [])].map(
        (step) =>
          [
            [step.if, step['continue-on-error']],
            [undefined, undefined],
          ] as const,
      ),
      [
        steps.flatMap(({ name }) => name ?? []),
        ['Compare', 'Package', 'List what it needs', 'Pack'],
      ],
      [steps.findIndex(({ name }) => name === 'Compare'), 1],
      [steps[1]?.run, /"\$GITHUB_REF_NAME" != "v\$version"/],
      [steps[1]?.run, /git merge-base --is-ancestor HEAD refs\/remotes\/origin\/main/],
      [
        steps.filter(({ run }) => run?.includes('npm ci')).map(({ run }) => run),
        ['npm ci --ignore-scripts --no-audit --no-fund'],
      ],
    ];
  },

  'the job that publishes the package runs nothing of it, and takes just what the other job packed':
    ({ parsed }) => {
      const { package: making, publish } = parsed[RELEASE]?.jobs ?? {};
      const steps = publish?.steps ?? [];
      const sent = making?.steps?.at(-1);
      return [
        [making?.outputs, { sha256: '${{ steps.pack.outputs.sha256 }}' }],
        [making?.steps?.at(-2)?.id, 'pack'],
        [sent?.uses, /^actions\/upload-artifact@/],
        [sent?.with?.['path'], '${{ runner.temp }}/release.tar'],
        [publish?.environment, 'release'],
        [
          steps.map(({ name, uses }) => name ?? uses?.replace(/@.*/, '')),
          [
            'actions/setup-node',
            'actions/download-artifact',
            'Unpack',
            'actions/attest',
            'actions/attest',
            'Publish',
          ],
        ],
        [steps[2]?.env, { SHA256: '${{ needs.package.outputs.sha256 }}' }],
        [
          steps[2]?.run,
          /^echo "\$SHA256 {2}\$RUNNER_TEMP\/release\.tar" \| sha256sum --check --strict\n/,
        ],
      ];
    },

  'what is published carries its provenance and the list of what it needs': ({ parsed }) => {
    const steps = parsed[RELEASE]?.jobs['publish']?.steps ?? [];
    const subject = { 'subject-path': 'release/package.tgz' };
    return [
      [
        steps.slice(3, 5).map((step) => step.with),
        [subject, { ...subject, 'sbom-path': 'release/sbom.cdx.json' }],
      ],
      [
        steps[5]?.run,
        'npm publish ./release/package.tgz --provenance --access public --ignore-scripts',
      ],
    ];
  },
};
