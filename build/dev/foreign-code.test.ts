import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { addBuild } from '../../src/hosts/nginx/process/add-build.ts';
import { digestOf } from '../../src/lib/digests.ts';
import {
  CATALOGS,
  deployTo,
  liveIdOf,
  makeBuilds,
  probeOf,
  putText,
} from '../../src/publish/fixture-publish.ts';
import { readBuild } from '../../src/publish/read-build.ts';
import { routerKey } from '../../src/publish/records/object-keys.ts';
import { rollback } from '../../src/publish/rollback.ts';
import { FakeAws } from '../../test/fakes/fake-aws.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { builtSite } from '../../test/sites/built-site.ts';
import { readBuild as readReleases } from '../diff/read-build.ts';

const FUNCTION = 'edge/cloudfront-function.js';

/** Leaves a mark, given the `Function` of another realm. */
const leave = (host: string) =>
  `${host}('return process')().getBuiltinModule('node:fs').writeFileSync(MARK, '')`;
const inHandler = (code: string) => `function handler(event) { ${code}; return event.request; }`;
const tried = (code: string) => `try { ${code} } catch (_) {}`;

// A known way out of a vm context, the code of the function.
const escapes: readonly (readonly [string, string])[] = [
  ['the constructor of the event', inHandler(leave('event.constructor.constructor'))],
  [
    'the constructor of a value in the event',
    inHandler(leave('Object.getPrototypeOf(event.request.cookies).constructor.constructor')),
  ],
  [
    'the constructor of the global object',
    `${tried(leave('this.constructor.constructor'))} ${inHandler('')}`,
  ],
  [
    'a getter that the event has',
    inHandler(leave("Object.getOwnPropertyDescriptor(event.request, 'headers').get.constructor")),
  ],
  ['the caller of a function', `${inHandler(leave('handler.caller.constructor'))}`],
  [
    'Error.prepareStackTrace',
    inHandler(
      `Error.prepareStackTrace = (_, sites) => sites; for (const site of new Error().stack) { const f = site.getFunction && site.getFunction(); if (f) { ${tried(leave('f.constructor'))} } }`,
    ),
  ],
  [
    'an error of the host that is thrown',
    inHandler(
      `const f = event.constructor.constructor; try { f('throw new Error()')(); } catch (e) { ${leave('e.constructor.constructor')} }`,
    ),
  ],
  [
    'a stack that overflows in the host',
    inHandler(
      `const deep = () => { try { deep(); } catch (e) { ${tried(leave('e.constructor.constructor'))} } }; deep()`,
    ),
  ],
  [
    'a Proxy that is returned',
    `function handler(event) { return new Proxy({}, { get(_, key, receiver) { ${tried(leave('event.constructor.constructor'))} return event.request[key]; } }); }`,
  ],
  [
    'a getter of the result',
    `function handler(event) { return { get uri() { ${tried(leave('(function () {}).constructor.constructor'))} ${tried(leave('event.constructor.constructor'))} return '/'; } }; }`,
  ],
  [
    'Symbol.toPrimitive of the status',
    `function handler(event) { return { statusCode: 200, headers: { a: { value: { [Symbol.toPrimitive]() { ${tried(leave('event.constructor.constructor'))} return ''; } } } } }; }`,
  ],
  [
    'toString of what is thrown',
    `function handler(event) { throw { get message() { return { toString() { ${tried(leave('event.constructor.constructor'))} return ''; } }; } }; }`,
  ],
  [
    'an async function and the constructor of its promise',
    inHandler(
      `(async () => { await 0; ${leave('event.constructor.constructor')} })().catch(() => {})`,
    ),
  ],
  [
    'import()',
    `import('node:fs').then((fs) => fs.writeFileSync(MARK, '')).catch(() => {}); ${inHandler('')}`,
  ],
  ['process', `process.getBuiltinModule('node:fs').writeFileSync(MARK, ''); ${inHandler('')}`],
  ['require', `require('fs').writeFileSync(MARK, ''); ${inHandler('')}`],
  [
    'a timer',
    `${tried(`setTimeout(() => ${leave('event.constructor.constructor')})`)} ${inHandler(`event.constructor.constructor('f', 'setTimeout(f)')(() => ${leave('event.constructor.constructor')})`)}`,
  ],
  ['the end of what wraps it', `} ${leave('console.log.constructor')}; { ${inHandler('')}`],
  ['a loop without end', `for (;;) {} ${inHandler('')}`],
  ['a loop without end in the handler', inHandler('for (;;) {}')],
  ['a memory bomb', `const all = []; for (;;) all.push(new Array(1e7).fill(0)); ${inHandler('')}`],
  ['a syntax error', 'function handler( {'],
];

/** Puts a function into a build and its manifest. Returns its source and the path at which it would leave a trace. */
async function putFunction(out: string, code: string) {
  const mark = path.join(path.dirname(out), 'mark');
  const source = `var MARK = ${JSON.stringify(mark)};\n${code}`;
  await writeFile(path.join(out, FUNCTION), source);
  await writeFile(path.join(out, 'edge/nginx.js'), source);
  const manifest = JSON.parse(await readFile(path.join(out, 'snapshot.json'), 'utf8'));
  for (const file of manifest.files) {
    if (file.path !== FUNCTION && file.path !== 'edge/nginx.js') continue;
    file.sha256 = digestOf(source);
    file.size = Buffer.byteLength(source);
  }
  await writeFile(path.join(out, 'snapshot.json'), JSON.stringify(manifest));
  return { source, mark };
}

const { releases } = parseCatalog(JSON.stringify(CATALOGS.first), 'a.json');
const site = await builtSite(releases);
test.after(site.remove);

/** Asks the embedded server for a build's list. */
async function serve(t: TestContext, dir: string) {
  const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
  t.after(() => server.close());
  return await fetch(`${server.url}/api/v1/plugins?server_version=9.9.9`);
}

for (const [what, code] of escapes) {
  test(`a function that leaves by ${what} is not run by serve, by diff or by nginx`, async (t) => {
    const { source, mark } = await putFunction(site.out, code);
    const answer = await serve(t, site.out);
    assert.equal(answer.status, 200);
    const plugins = (await answer.json()) as { manifest: { id: string } }[];
    assert.deepEqual(plugins.map(({ manifest }) => manifest.id).sort(), ['calls', 'jira', 'todo']);
    assert.equal((await readReleases(site.out)).releases.length, releases.length);
    const root = await makeFolder(t);
    await addBuild(site.out, root);
    assert.notEqual(await readFile(path.join(root, 'edge/nginx.js'), 'utf8'), source);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(existsSync(mark), false, 'it left its mark');
  });
}

test('deploy runs no function of a build, and none goes live that does not match its table', async (t) => {
  const [{ first }, aws] = [await makeBuilds(t), new FakeAws()];
  for (const [what, code] of escapes) {
    const { mark } = await putFunction(first.dir, code);
    const build = await readBuild(first.dir);
    await assert.rejects(deployTo(aws, build), /does not match its routing table/, what);
    assert.equal(existsSync(mark), false, what);
  }
  assert.equal(liveIdOf(aws.state), null);
});

test('rollback runs no function in the bucket, and none goes live that does not match its table', async (t) => {
  const [{ first, second }, aws] = [await makeBuilds(t), new FakeAws()];
  await deployTo(aws, first);
  await deployTo(aws, second);
  const target = aws.target();
  const put = (code: string) => putText(target, routerKey(first.snapshot.id), code);
  const folder = await makeFolder(t);
  const mark = path.join(folder, 'mark');
  for (const [what, code] of escapes) {
    await put(`var MARK = ${JSON.stringify(mark)};\n${code}`);
    const rolledBack = rollback({ target, probe: probeOf(aws) });
    await assert.rejects(rolledBack, /does not match its routing table/, what);
    assert.equal(existsSync(mark), false, what);
  }
  assert.equal(liveIdOf(aws.state), second.snapshot.id);
  await put(first.router);
  assert.equal((await rollback({ target, probe: probeOf(aws) })).id, first.snapshot.id);
});
