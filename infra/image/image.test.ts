import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { validate } from 'dockerfile-utils';
import { parse, parseAllDocuments } from 'yaml';
import { installPackage, NAME } from '../../build/package/fixture-package.ts';
import { exchangeRaw, send } from '../../src/hosts/embedded/fixture-client.ts';
import { CATALOGS } from '../../src/publish/fixture-publish.ts';
import {
  assertInstalls,
  bodiesOf,
  buildForHosts,
  makeInstallable,
  TARGETS,
  untilServed,
} from '../../src/publish/hosts/fixture-hosts.ts';
import { skipWithoutNginx, startNginx } from '../../test/engines/nginx.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { readBlock } from '../../test/read-block.ts';
import { startLoad } from '../../test/trouble/load.ts';
import { runScript } from '../fixture-step.ts';
import {
  argumentsOf,
  dockerfile,
  IMAGE,
  instructionsOf,
  layOut,
  makeRoot,
  stages,
  startImage,
} from './fixture-image.ts';

const ROOT = path.join(IMAGE, '../..');
const { repository, program } = await installPackage({ after });

test('the Dockerfile is without lint, and what it makes has no Node and runs as an ordinary user', async () => {
  assert.deepEqual(validate(dockerfile), []);
  assert.ok(validate(dockerfile.replace('USER', 'USRE')).length > 0, 'the linter finds mistakes');
  assert.deepEqual([...stages.keys()], ['build', 'server', 'marketplace']);
  const arguments_ = [...dockerfile.matchAll(/^ARG (\w+)=(\S+)$/gm)].map(([, name, image]) => [
    name,
    image,
  ]);
  const [[, node], [, nginx]] = arguments_ as [[string, string], [string, string]];
  const ci = await readFile(path.join(ROOT, '.github/workflows/ci.yml'), 'utf8');
  assert.ok(ci.includes(node), 'Node is pinned as in CI');
  assert.match(nginx, /^nginx:[\w.-]*alpine-slim$/);
  for (const name of ['server', 'marketplace']) {
    assert.equal(argumentsOf(name, 'FROM').length, 0);
    const keywords = instructionsOf(name).map((each) => each.getKeyword());
    assert.ok(!keywords.includes('RUN') && !keywords.includes('ADD'), 'only files are put in');
    const [user = ''] = argumentsOf(name, 'USER');
    assert.match(user, /^[1-9]\d{3,}:[1-9]\d{3,}$/, 'numbers, for runAsNonRoot');
    assert.equal(argumentsOf(name, 'STOPSIGNAL')[0], 'SIGQUIT', 'requests in flight are finished');
  }
  const ignored = (await readFile(path.join(IMAGE, 'Dockerfile.dockerignore'), 'utf8')).split('\n');
  for (const name of ['.git', 'node_modules', 'dist', '*.key']) assert.ok(ignored.includes(name));
});

test('compose.yaml is valid, and takes all rights away', async () => {
  const file = path.join(IMAGE, 'compose.yaml');
  const lint = (name: string) =>
    spawnSync(path.join(ROOT, 'node_modules/.bin/dclint'), ['--max-warnings', '0', name], {
      encoding: 'utf8',
    });
  const { status, stdout } = lint(file);
  assert.equal(status, 0, stdout);
  const text = await readFile(file, 'utf8');
  const { services } = parse(text);
  const { build, user, read_only, cap_drop, security_opt, tmpfs, ports } = services.marketplace;
  assert.deepEqual(build, { context: '..', dockerfile: 'image/Dockerfile' });
  assert.equal(user, argumentsOf('marketplace', 'USER')[0]);
  assert.deepEqual(
    [read_only, cap_drop, security_opt],
    [true, ['ALL'], ['no-new-privileges:true']],
  );
  assert.deepEqual([tmpfs, ports], [['/tmp:size=16m'], ['127.0.0.1:8085:8085']]);
});

test('kubernetes.yaml is valid, restricted, and asks for an address that is served', async (t) => {
  const text = await readFile(path.join(IMAGE, 'kubernetes.yaml'), 'utf8');
  const [deployment, service] = parseAllDocuments(text).map((document) => document.toJS());
  const folder = await makeFolder(t);
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  /** Whether the types of the API of Kubernetes take both; unknown fields are errors. */
  const check = async (...values: readonly object[]) => {
    const [first, second] = values.map((value) => JSON.stringify(value));
    await writeFile(
      path.join(folder, 'manifest.ts'),
      `import type { Deployment } from 'kubernetes-types/apps/v1';
      import type { Service } from 'kubernetes-types/core/v1';
      export const deployment: Deployment = ${first};
      export const service: Service = ${second};`,
    );
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--types',
      'node',
      'manifest.ts',
    ];
    const { status, stdout } = spawnSync(path.join(ROOT, 'node_modules/.bin/tsc'), options, {
      cwd: folder,
      encoding: 'utf8',
    });
    return status === 0 ? '' : stdout;
  };
  assert.equal(await check(deployment, service), '');
  const misspelt = JSON.parse(JSON.stringify(deployment).replace('readOnlyRoot', 'readonlyRoot'));
  assert.match(await check(misspelt, service), /readonlyRootFilesystem/);

  const { spec } = deployment.spec.template;
  assert.equal(spec.automountServiceAccountToken, false);
  const [user] = argumentsOf('marketplace', 'USER');
  const { runAsNonRoot, runAsUser, runAsGroup, seccompProfile } = spec.securityContext;
  assert.deepEqual([runAsNonRoot, `${runAsUser}:${runAsGroup}`], [true, user]);
  assert.deepEqual(seccompProfile, { type: 'RuntimeDefault' });
  const [container] = spec.containers;
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  assert.deepEqual(container.volumeMounts, [{ name: 'tmp', mountPath: '/tmp' }]);
  const [port] = argumentsOf('marketplace', 'EXPOSE');
  assert.equal(`${container.ports[0].containerPort}`, port);
  const [health] = argumentsOf('marketplace', 'HEALTHCHECK').slice(-1);
  for (const probe of [container.readinessProbe, container.livenessProbe]) {
    assert.ok(health?.endsWith(probe.httpGet.path), 'as the health check of the image');
    assert.equal(probe.httpGet.port, container.ports[0].name);
  }
  assert.deepEqual(service.spec.selector, deployment.spec.template.metadata.labels);
  assert.deepEqual(deployment.spec.selector.matchLabels, deployment.spec.template.metadata.labels);
});

/** Takes away every right to write below a folder, but in `tmp`. */
async function makeReadOnly(root: string): Promise<void> {
  for (const name of await readdir(path.join(root, 'srv'), { recursive: true })) {
    const file = path.join(root, 'srv', name);
    await chmod(file, (await readdir(file).catch(() => undefined)) ? 0o555 : 0o444);
  }
}

const HUGE = 'x'.repeat(100_000);

// Requests, up to the headers that every one has.
const REQUESTS = [
  'GET /api/v1/plugins?server_version=9.11.0',
  'HEAD /api/v1/plugins',
  'GET /api/v1/plugins?filter=a+b',
  'GET /api/v1/plugins?page=x',
  'POST /api/v1/plugins',
  'GET /api/v1/nothing',
  'GET /nothing',
  'GET /bundles/nothing.tar.gz',
  'GET /bundles/../nginx.conf',
  'GET /marketplace-error',
  'GET /%00',
  'GET //',
  'JUNK',
  `GET /?${HUGE}`,
];

/** Whether an image answers as an nginx that the command starts without njs, byte for byte but the time. */
async function assertSame(t: TestContext, url: string, dist: string): Promise<void> {
  const nginx = await startNginx(dist, undefined, false);
  t.after(nginx.stop);
  const ask = async (url: string, request: string) => {
    const bytes = `${request} HTTP/1.1\r\nHost: marketplace\r\nConnection: close\r\n\r\n`;
    return (await exchangeRaw(url, bytes)).replace(/^Date: .*\r\n/m, '');
  };
  for (const request of REQUESTS) {
    const answer = await ask(url, request);
    assert.match(answer, /^HTTP\/1\.1 \d{3} /, request);
    assert.equal(answer, await ask(nginx.url, request), request);
  }
}

test('the image, laid out as its Dockerfile says, is read-only, and a server installs from it', {
  skip: skipWithoutNginx,
}, async (t) => {
  const { entry, key } = await makeInstallable(t, await makeFolder(t));
  await writeFile(path.join(repository, 'plugins.json'), JSON.stringify([entry]));
  const run = stages.get('build')?.instructions.find((each) => each.getKeyword() === 'RUN');
  const built = await runScript(run?.getArgumentsContent() ?? assert.fail(), {
    cwd: repository,
    programs: {
      npm: 'test "$*" = "ci --ignore-scripts --no-audit --no-fund"',
      npx: `test "$1" = ${NAME} && shift && exec ${program} "$@"`,
    },
  });
  assert.equal(built.code, 0, built.stderr);

  const root = await makeRoot(t);
  await layOut('marketplace', root, repository);
  await makeReadOnly(root);
  await chmod(path.join(root, 'srv/nginx.conf'), 0o644);
  const { url, child, ended, errors } = await startImage(t, 'marketplace', root);
  await assertInstalls(t, url, key);
  assert.match((await send(`${url}/`)).body.toString(), /Our plugins/);
  assert.equal((await send(`${url}/nginx.conf`)).status, 404);
  assert.equal((await send(`${url}/bundles/x.tar.gz`)).status, 404);
  await assertSame(t, url, path.join(repository, 'dist'));
  assert.deepEqual((await readdir(path.join(root, 'tmp'))).sort(), ['nginx-temp', 'nginx.pid']);
  child.kill('SIGQUIT');
  assert.deepEqual(await ended, [0, null], await errors);
  assert.equal(await errors, '');
  const names = await readdir(root, { recursive: true });
  assert.deepEqual(
    names.filter((name) => /node|package/.test(name)),
    [],
  );
});

test('a mounted folder is switched and switched back under load, by the commands of the page', {
  skip: skipWithoutNginx,
}, async (t) => {
  const cwd = await makeRoot(t);
  const place = path.join(cwd, 'srv/marketplace');
  await mkdir(place, { recursive: true });
  const build = (name: 'first' | 'second') =>
    buildForHosts(path.join(cwd, 'dist'), CATALOGS[name], { hosts: ['nginx'], compress: 'both' });
  const root = await makeRoot(t);
  let site = '';
  const page = (begin: string) => readBlock('docs/private.md', 'sh', begin);
  const run = async (block: string) => {
    const script = block
      .replaceAll('dir:/srv/marketplace', `dir:${place}`)
      .replaceAll('http://localhost:8085', site);
    const ran = await runScript(script, {
      cwd,
      programs: {
        sudo: 'test "$1 $2 $3 $5" = "install -d -o /srv/marketplace"',
        // Each build is there already.
        npx: `test "$1" = ${NAME} && shift && { [ "$1" = build ] || exec ${program} "$@"; }`,
        docker: `printf '%s\\n' "$*" >> "$ASKED"
          if [ "$*" = 'exec marketplace nginx -e stderr -p /srv/ -c /srv/nginx.conf -s reload' ]; then kill -HUP "$(cat ${root}/tmp/nginx.pid)"; fi`,
      },
    });
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    return ran;
  };
  const first = await build('first');
  const before = await bodiesOf([first]);
  const { asked } = await run(await page('sudo install -d -o "$USER" /srv/marketplace'));
  const [, started = ''] = asked.trim().split('\n');
  const options =
    '--read-only --tmpfs /tmp:size=16m --cap-drop ALL --security-opt no-new-privileges';
  assert.ok(started.startsWith('run ') && started.includes(options), asked);
  assert.ok(started.includes(' --volume /srv/marketplace:/srv/marketplace:ro '), asked);

  await layOut('server', root, await imageOnly(t));
  await symlink(place, path.join(root, 'srv/marketplace'));
  const image = await startImage(t, 'server', root);
  site = image.url;
  const second = await build('second');
  const following = await bodiesOf([second]);
  const expected = new Map(
    TARGETS.map((target) => [
      target,
      [...(before.get(target) ?? []), ...(following.get(target) ?? [])],
    ]),
  );
  const load = startLoad({ url: site, expected, oldest: () => 0, newest: () => 1, seed: 1 });
  t.after(load.stop);
  const switching = await page(
    `npx ${NAME} build\nnpx ${NAME} deploy --to dir:/srv/marketplace --after`,
  );
  const [, deploy = '', rollback = ''] = switching.trim().split('\n');
  await run(deploy);
  await untilServed([site], following);
  await run(rollback);
  await untilServed([site], before);
  await load.stop();
  assert.deepEqual(load.result.wrong, []);
  assert.ok(load.result.answers > 50, `${load.result.answers} answers`);
  t.diagnostic(`${load.result.answers} answers, ${load.result.troubles} troublemakers`);
});

/** A repository of which an image needs only its own files. */
async function imageOnly(t: TestContext): Promise<string> {
  const folder = await makeFolder(t);
  await cp(path.join(repository, 'image'), path.join(folder, 'image'), { recursive: true });
  return folder;
}
