import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { JOB_RULES } from './rules/job-rules.ts';
import { buildInputs, isInPaths } from './rules/publish-paths.ts';
import { PUBLISHING_RULES } from './rules/publishing-rules.ts';
import { RELEASE_RULES } from './rules/release-rules.ts';
import { brokenRules, checkRule } from './rules/rule.ts';
import { parseWorkflows, readWorkflows } from './workflows.ts';

const root = path.join(import.meta.dirname, '..');
const workflows = readWorkflows();
const { texts, parsed } = workflows;
const rules = { ...JOB_RULES, ...PUBLISHING_RULES, ...RELEASE_RULES };

for (const rule of Object.keys(rules)) {
  test(`the workflows: ${rule}`, () => checkRule(rules, rule, workflows));
}

// a change, its file, the old text, the new text, the rule that detects it
// biome-ignore format: a row a line
const breakages = [
  ['used a tag', 'ci.yml', '@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2', '@v6', 'pinned'],
  ['left out the version', 'ci.yml', ' # v6.0.2', '', 'pinned'],
  ['pinned one action twice', 'ci.yml', 'de0fac2e', 'de0fac2f', 'pinned'],
  ['let CI write', 'ci.yml', 'contents: read', 'contents: write', 'no more'],
  ['gave a whole workflow a token', 'publish.yml', 'permissions: {}', 'permissions: { id-token: write }', 'no more'],
  ['let a publishing job write', 'rollback.yml', 'contents: read', 'contents: write', 'no more'],
  ['let the job that runs a pull request write', 'diff.yml', '      contents: read', '      contents: write', 'no more'],
  ['ran a pull request where it may write', 'diff.yml', '    steps:\n      # One comment', '    steps:\n      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2\n      # One comment', 'runs no code'],
  ['left a token behind', 'publish.yml', 'persist-credentials: false', 'persist-credentials: true', 'leaves its token'],
  ['dropped a timeout', 'rollback.yml', 'timeout-minutes: 15', 'timeout-minutes: 600', 'longer than an hour'],
  ['wrote an input into a script', 'rollback.yml', '"$SNAPSHOT" = previous', '"${{ inputs.snapshot }}" = previous', 'inserts nothing'],
  ['ran code of forks with rights', 'ci.yml', 'pull_request:', 'pull_request_target:', 'every push'],
  ['left branches out of CI', 'ci.yml', '  push:', '  push: { branches: [main] }', 'every push'],
  ['published every branch', 'publish.yml', 'branches: [main, production, private-beta]', "branches: ['**']", 'every push'],
  ['published main to production', 'publish.yml', "environment: ${{ github.ref == 'refs/heads/production'", "environment: ${{ github.ref == 'refs/heads/main'", 'branch decides'],
  ['let any branch roll back', 'rollback.yml', '    if: github.ref', '    if: true || github.ref', 'branch decides'],
  ['cancelled a deploy half-way', 'publish.yml', 'cancel-in-progress: false', 'cancel-in-progress: true', 'at a time'],
  ['let rollbacks run beside deploys', 'rollback.yml', "group: ${{ github.ref == 'refs/heads/production' && 'production'", "group: ${{ github.ref == 'refs/heads/production' && 'rollback'", 'at a time'],
  ['went to another region', 'publish.yml', 'us-east-1', 'eu-west-1', 'role of the environment'],
  ['built with credentials at hand', 'publish.yml', '      - name: Deploy\n', '      - run: npm run build\n      - name: Deploy\n', 'role of the environment'],
  ['lost a failure in a pipe', 'publish.yml', '        shell: bash', '        shell: sh', 'pipe hides'],
  ['forgot a setting', 'rollback.yml', 'MARKETPLACE_FUNCTION: $', 'FUNCTION: $', 'its settings'],
  ['built leniently', 'publish.yml', ' -- --strict', '', 'strict build'],
  ['forgot the commit', 'publish.yml', 'export BUILD_TAG BUILD_HASH', 'export BUILD_TAG', 'names its commit'],
  ['published what no test has seen', 'publish.yml', '    needs: test\n', '', 'has passed'],
  ['published what was not built', 'publish.yml', '    needs: build\n', '    needs: test\n', 'has passed'],
  ['built where a role may be taken', 'publish.yml', '      - name: Unpack\n', '      - run: npm run build\n      - name: Unpack\n', 'builds nothing'],
  ['installed all to roll back', 'rollback.yml', 'npm ci --omit=dev', 'npm ci', 'builds nothing'],
  ['ran scripts of packages to publish', 'rollback.yml', ' --ignore-scripts', '', 'builds nothing'],
  ['let the building job take a role', 'publish.yml', '      contents: read\n    timeout-minutes: 60', '      contents: read\n      id-token: write\n    timeout-minutes: 60', 'no more'],
  ['took any build', 'publish.yml', 'sha256sum --check --strict', 'sha256sum || true', 'byte for byte'],
  ['checked the build against itself', 'publish.yml', 'SHA256: ${{ needs.build.outputs.sha256 }}', 'SHA256: ${{ hashFiles(\'build.tar\') }}', 'byte for byte'],
  ['sent something else', 'publish.yml', 'path: ${{ runner.temp }}/build.tar', 'path: dist', 'byte for byte'],
  ['ran any image', 'ci.yml', '@sha256:8f693eaa7e0a8e71560c9a82b55fd54c2ae920a2ba5d2cde28bac7d1c01c9ba5', '', 'skips nothing'],
  ['ran one Node by the name of another', 'ci.yml', 'image: node:22-bookworm', 'image: node:20-bookworm', 'skips nothing'],
  ['published what failed a test', 'publish.yml', '    needs: test\n    if: ', '    needs: test\n    if: always() && ', 'has passed'],
  ['tested by something else', 'publish.yml', 'uses: ./.github/workflows/ci.yml', 'uses: ./.github/workflows/diff.yml', 'has passed'],
  ['tested sometimes', 'publish.yml', '  test:\n', "  test:\n    if: github.ref == 'refs/heads/main'\n", 'has passed'],
  ['left out the check', 'publish.yml', 'run: npm run catalog -- check', 'run: echo', 'has passed'],
  ['checked leniently', 'publish.yml', 'run: npm run catalog -- check', 'run: npm run catalog -- check || true', 'has passed'],
  ['went on after a failed check', 'publish.yml', '      - name: Check\n', '      - name: Check\n        continue-on-error: true\n', 'has passed'],
  ['verified sometimes', 'publish.yml', '      - name: Verify\n', '      - name: Verify\n        if: vars.VERIFY\n', 'has passed'],
  ['verified what was pushed only', 'publish.yml', '--changed-since "$RUNNER_TEMP/live.json"', '--changed-since HEAD^1', 'has passed'],
  ['took for live what is not', 'publish.yml', "echo '[]' >", 'cp plugins.json', 'has passed'],
  ['left the settings out of the paths', 'publish.yml', "      - '**.json'\n", '      - plugins.json\n', 'any file that a build reads'],
  ['left the logo out of the paths', 'publish.yml', "      - '**.svg'\n", '', 'any file that a build reads'],
  ['left code out of the paths', 'publish.yml', '      - src/**\n', '      - src/*/*.ts\n', 'any file that a build reads'],
  ['excluded what a build reads', 'publish.yml', "      - '!docs/**'\n", "      - '!docs/**'\n      - '!catalogs/**'\n", 'any file that a build reads'],
  ['reported less than is published', 'diff.yml', "      - '**.json'\n", '      - plugins.json\n', 'any file that a build reads'],
  ['laid production over itself', 'publish.yml', "BUILD_UPSTREAM_URL: ${{ github.ref == 'refs/heads/private-beta' && ", 'BUILD_UPSTREAM_URL: ${{ ', 'laid over production'],
  ['refreshed for nothing', 'refresh-upstream.yml', ' --refresh', '', 'laid over production'],
  ['announced staging', 'publish.yml', "        if: github.ref == 'refs/heads/production'\n", '', 'only production'],
  ['failed a publish by its message', 'publish.yml', '        continue-on-error: true\n', '', 'only production'],
  ['showed the address of a webhook', 'publish.yml', 'webhook $position is not a web address', 'webhook $webhook is not a web address', 'only production'],
  ['gave a token to a whole job', 'update.yml', '    timeout-minutes: 30\n', '    timeout-minutes: 30\n    env: { GH_TOKEN: "${{ github.token }}" }\n', 'needs a token'],
  ['gave a secret to one more step', 'publish.yml', '          MARKETPLACE_SITE_URL: ${{ vars.MARKETPLACE_SITE_URL }}\n', '          MARKETPLACE_SITE_URL: ${{ secrets.MARKETPLACE_SITE_URL }}\n', 'needs a token'],
  ['handed every secret on', 'publish.yml', '    uses: ./.github/workflows/ci.yml\n', '    uses: ./.github/workflows/ci.yml\n    secrets: inherit\n', 'needs a token'],
  ['proposed by code of any branch', 'update.yml', "    if: github.ref == 'refs/heads/main'\n", '', 'runs no code'],
  ['proposed on pull requests', 'refresh-upstream.yml', '  workflow_dispatch:\n', '  pull_request:\n', 'runs no code'],
  ['proposed what nobody accepted', 'plugin-request.yml', "github.event.action == 'labeled' && github.event.label.name == 'accepted' && needs", 'needs', 'runs no code'],
  ['proposed at any label', 'plugin-request.yml', " && github.event.label.name == 'accepted' && needs", ' && needs', 'runs no code'],
  ['proposed at a comment', 'plugin-request.yml', '  issues:\n', '  issue_comment:\n  issues:\n', 'runs no code'],
  ['let the job that reads an issue write', 'plugin-request.yml', '      contents: read\n', '      contents: write\n', 'no more'],
  ['put the text of an issue into a variable', 'plugin-request.yml', '          GITHUB_TOKEN: ${{ github.token }}\n', '          GITHUB_TOKEN: ${{ github.token }}\n          BODY: ${{ github.event.issue.body }}\n', 'issue is tried'],
  ['ran what the first job made', 'plugin-request.yml', '      - name: Propose\n', '      - run: . "$RUNNER_TEMP/proposal/body.md"\n      - name: Propose\n', 'issue is tried'],
  ['took a proposal that is none', 'plugin-request.yml', '        id: take\n', '        id: take\n        continue-on-error: true\n', 'issue is tried'],
  ['let the job that comments run code', 'check.yml', '    steps:\n      # One issue', '    steps:\n      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2\n      # One issue', 'runs no code'],
  ['released what no test has seen', 'release.yml', '    needs: test\n', '', 'tagged commit of main'],
  ['released on every push', 'release.yml', "    tags: ['v*']", "    branches: ['**']", 'tagged commit of main'],
  ['released any commit that is tagged', 'release.yml', 'if ! git merge-base --is-ancestor HEAD refs/remotes/origin/main', 'if false', 'tagged commit of main'],
  ['ran scripts of packages to make ours', 'release.yml', 'npm ci --ignore-scripts', 'npm ci', 'tagged commit of main'],
  ['made the package where it may publish', 'release.yml', '      - name: Publish\n', '      - run: npm ci\n      - name: Publish\n', 'runs nothing of it'],
  ['published any package', 'release.yml', 'sha256sum --check --strict', 'sha256sum || true', 'runs nothing of it'],
  ['released without asking anyone', 'release.yml', '    environment: release\n', '', 'runs nothing of it'],
  ['let the job that makes the package attest', 'release.yml', '      contents: read\n    timeout-minutes: 15', '      contents: read\n      id-token: write\n    timeout-minutes: 15', 'no more'],
  ['published without provenance', 'release.yml', ' --provenance', '', 'carries its provenance'],
  ['attested to something else', 'release.yml', 'sbom-path: release/sbom.cdx.json', 'sbom-path: package.json', 'carries its provenance'],
  ['let CI skip', 'ci.yml', "          MORE_NODES: ''\n", "          MORE_NODES: ''\n          CI: 'false'\n", 'skips nothing'],
  ['ran the tests another way', 'ci.yml', 'run: .ci/run', 'run: npm test', 'skips nothing'],
  ['dropped a Node', 'ci.yml', '[20, 22, 24]', '[20, 24]', 'skips nothing'],
] as const;

const noticed = breakages.map(([, file, from, to]) => {
  const text = texts[file] ?? '';
  assert.ok(text.includes(from), `${file} has ${from}`);
  return brokenRules(rules, parseWorkflows({ ...texts, [file]: text.replace(from, () => to) }));
});

for (const [position, [what, , , , rule]] of breakages.entries()) {
  test(`the rules of workflows detect a change that ${what}`, () => {
    const named = Object.keys(rules).filter((candidate) => candidate.includes(rule));
    assert.equal(named.length, 1, `"${rule}" names one rule`);
    assert.ok(noticed[position]?.includes(named[0] ?? ''), `the rule "${rule}" does not`);
  });
}

test('every rule of workflows can fail', () => {
  const failed = noticed.flat();
  assert.deepEqual(
    Object.keys(rules).filter((rule) => !failed.includes(rule)),
    [],
  );
});

// A file, whether GitHub counts it among the paths that publish.
const files: readonly (readonly [string, boolean])[] = [
  ['plugins.json', true],
  ['catalog/deep/er/a.json', true],
  ['marketplace.config.json', true],
  ['marketplace.upstream.json', true],
  ['package-lock.json', true],
  ['.npmrc', true],
  ['logo.svg', true],
  ['src/catalog/schema.ts', true],
  ['.github/workflows/publish.yml', true],
  ['.github/workflows/ci.yml', false],
  ['README.md', false],
  ['docs/screenshots/list-light.png', false],
  ['infra/template.yaml', false],
  ['plugins.json.bak', false],
  ['resrc/a.ts', false],
];

for (const [file, isIn] of files) {
  test(`a change of ${file} ${isIn ? 'publishes' : 'does not publish'}`, () => {
    const push = parsed['publish.yml']?.on['push'] as { paths: string[] };
    assert.equal(isInPaths(file, push.paths), isIn);
  });
}

test('what a build reads is more than our code', () => {
  const inputs = buildInputs();
  for (const file of ['plugins.json', 'marketplace.config.json', 'src/pages/assets/site.css']) {
    assert.ok(inputs.includes(file), file);
  }
});

test('CI on GitHub runs on every Node that .ci/run names', () => {
  const script = readFileSync(path.join(root, '.ci/run'), 'utf8');
  const more = /\$\{MORE_NODES-([\d ]+)\}/.exec(script)?.[1]?.split(' ').map(Number) ?? [];
  const nodes = parsed['ci.yml']?.jobs['test']?.strategy?.matrix['node'] ?? [];
  assert.deepEqual(nodes.slice(1), more);
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  assert.match(engines.node, new RegExp(`^>=${nodes[0]}\\.`), 'the oldest that we support');
});
