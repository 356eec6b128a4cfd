import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import glob from 'fast-glob';
import { parseWorkflow, readWorkflows, type WorkflowTexts } from './read-workflows.ts';
import { WORKFLOW_RULES } from './rules/workflow-rules.ts';

const root = path.join(import.meta.dirname, '..');
const texts = readWorkflows();

for (const { rule, check } of WORKFLOW_RULES) {
  test(`the workflows: ${rule}`, () => check(texts));
}

// what somebody did, in which file, what stood there, what stands there then, the rule that notices
// biome-ignore format: a row a line
const breakages = [
  ['used a tag', 'ci.yml', '@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2', '@v6', 'pinned'],
  ['left out the version', 'ci.yml', ' # v6.0.2', '', 'pinned'],
  ['pinned one action twice', 'ci.yml', 'de0fac2e', 'de0fac2f', 'pinned'],
  ['let CI write', 'ci.yml', 'contents: read', 'contents: write', 'no more'],
  ['gave a whole workflow a token', 'publish.yml', 'permissions: {}', 'permissions: { id-token: write }', 'no more'],
  ['let a publishing job write', 'rollback.yml', 'contents: read', 'contents: write', 'no more'],
  ['let the job that runs a pull request write', 'diff.yml', '      contents: read', '      contents: write', 'no more'],
  ['ran a pull request where it may write', 'diff.yml', '    steps:\n      # One comment', '    steps:\n      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2\n      # One comment', 'runs nothing of it'],
  ['left a token behind', 'publish.yml', 'persist-credentials: false', 'persist-credentials: true', 'leaves its token'],
  ['dropped a timeout', 'rollback.yml', 'timeout-minutes: 15', 'timeout-minutes: 600', 'for ever'],
  ['wrote an input into a script', 'rollback.yml', '"$SNAPSHOT" = previous', '"${{ inputs.snapshot }}" = previous', 'no script'],
  ['ran code of forks with rights', 'ci.yml', 'pull_request:', 'pull_request_target:', 'every push'],
  ['left branches out of CI', 'ci.yml', '  push:', '  push: { branches: [main] }', 'every push'],
  ['published every branch', 'publish.yml', 'branches: [main, production]', "branches: ['**']", 'every push'],
  ['published main to production', 'publish.yml', "environment: ${{ github.ref == 'refs/heads/production'", "environment: ${{ github.ref == 'refs/heads/main'", 'branch decides'],
  ['let any branch roll back', 'rollback.yml', '    if: github.ref', '    if: true || github.ref', 'branch decides'],
  ['cancelled a deploy half-way', 'publish.yml', 'cancel-in-progress: false', 'cancel-in-progress: true', 'at a time'],
  ['let rollbacks run beside deploys', 'rollback.yml', "group: ${{ github.ref == 'refs/heads/production' && 'production'", "group: ${{ github.ref == 'refs/heads/production' && 'rollback'", 'at a time'],
  ['went to another region', 'publish.yml', 'us-east-1', 'eu-west-1', 'credentials are taken'],
  ['built with credentials at hand', 'publish.yml', '      - name: Deploy\n', '      - run: npm run build\n      - name: Deploy\n', 'credentials are taken'],
  ['lost a failure in a pipe', 'publish.yml', '        shell: bash', '        shell: sh', 'in a pipe'],
  ['forgot a setting', 'rollback.yml', 'MARKETPLACE_FUNCTION: $', 'FUNCTION: $', 'its settings'],
  ['built leniently', 'publish.yml', ' -- --strict', '', 'strict build'],
  ['forgot the commit', 'publish.yml', 'export BUILD_TAG BUILD_HASH', 'export BUILD_TAG', 'of which commit'],
] as const;

const noticed = breakages.map(([, file, from, to]) => {
  const text = texts[file] ?? '';
  assert.ok(text.includes(from), `${file} has ${from}`);
  return brokenRules({ ...texts, [file]: text.replace(from, () => to) });
});

for (const [position, [what, , , , rule]] of breakages.entries()) {
  test(`the rules of workflows notice who ${what}`, () => {
    const named = WORKFLOW_RULES.filter((candidate) => candidate.rule.includes(rule));
    assert.equal(named.length, 1, `"${rule}" names one rule`);
    assert.ok(noticed[position]?.includes(named[0]?.rule ?? ''), `the rule "${rule}" does not`);
  });
}

test('every rule of workflows can fail', () => {
  const failed = noticed.flat();
  const idle = WORKFLOW_RULES.filter(({ rule }) => !failed.includes(rule));
  assert.deepEqual(idle, []);
});

test('every path whose change publishes is there', async () => {
  const { push } = parseWorkflow(texts['publish.yml'] ?? '').on as { push: { paths: string[] } };
  for (const pattern of push.paths) {
    const files = await glob(pattern, { cwd: root, dot: true });
    assert.notEqual(files.length, 0, pattern);
  }
});

test('CI on GitHub installs every program that .ci/run does', () => {
  const script = readFileSync(path.join(root, '.ci/run'), 'utf8');
  const packages = [...script.matchAll(/packages\+?=\(([^)]+)\)/g)].flatMap(
    ([, names]) => names?.trim().split(/\s+/) ?? [],
  );
  assert.ok(packages.length > 0, '.ci/run says what it installs in packages=(…)');
  const { jobs } = parseWorkflow(texts['ci.yml'] ?? '');
  const install = jobs['test']?.steps.find(({ run }) => run?.includes('apt-get install'))?.run;
  const missing = packages.filter((name) => !install?.split(/\s+/).includes(name));
  assert.deepEqual(missing, []);
});

function brokenRules(texts: WorkflowTexts): string[] {
  return WORKFLOW_RULES.filter(({ check }) => {
    try {
      check(texts);
      return false;
    } catch (error) {
      if (error instanceof assert.AssertionError) return true;
      throw error;
    }
  }).map(({ rule }) => rule);
}
