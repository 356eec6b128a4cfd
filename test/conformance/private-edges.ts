import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startApache } from '../engines/apache.ts';
import { startCaddy } from '../engines/caddy.ts';
import { EDGES, type Edge, httpEdge } from '../engines/edges.ts';
import { freePort } from '../engines/free-port.ts';
import { startHaproxy } from '../engines/haproxy.ts';
import { startNginx } from '../engines/nginx.ts';
import { readBlock } from '../read-block.ts';

/** A build for users only, and what they have. */
export interface PrivateSite {
  readonly out: string;
  /** Made by `npm run users`. */
  readonly file: string;
  readonly password: string;
}

/** A user is called so everywhere. */
export const USER = 'servers';

type Start = (site: PrivateSite) => Promise<Edge>;

const ofDocs = (language: string, text: string) => readBlock('docs/private.md', language, text);

/** What a program answers to the password. */
function hashBy(command: string, args: readonly string[], input: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return stdout.trim();
}

const shaCrypt = (password: string) => hashBy('openssl', ['passwd', '-6', '-stdin'], password);

/** nginx by the lines for one that runs already, at `/marketplace/`. */
const startIncluded: Start = async ({ out, file }) => {
  const locations = (await ofDocs('nginx', '  location /marketplace/ {')).replace(
    '/etc/nginx/marketplace.users',
    file,
  );
  const { url, stop } = await startNginx(
    out,
    async (root) => {
      const config = path.join(root, 'nginx.conf');
      const own = await readFile(config, 'utf8');
      const start = own.indexOf('    # For users only');
      const included = locations.replaceAll('/srv/marketplace', root);
      // Tells that it is there.
      const health = `location = /api/v1/health { root ${root}; include edge/nginx-location.conf; }`;
      await writeFile(config, `${own.slice(0, start)}${included}${health}\n}\n}\n`);
    },
    false,
  );
  return { ...httpEdge('nginx that runs already', `${url}/marketplace`, stop), isByRules: true };
};

const startNginxWith =
  (hasNjs: boolean): Start =>
  async ({ out, file }) => {
    const { url, stop } = await startNginx(out, undefined, hasNjs, file);
    return { ...httpEdge('nginx', url, stop), isByRules: !hasNjs };
  };

const startPrivateApache: Start = async ({ out, file, password }) => {
  const users = `${file}.apache`;
  await writeFile(users, `${USER}:${shaCrypt(password)}\n`, { mode: 0o644 });
  const block = await ofDocs('apache', '  <Location "/">');
  const lines = block.replace('/etc/apache2/marketplace.users', users);
  const { url, stop } = await startApache(out, (host) =>
    host.replace('  Include', `${lines}  Include`),
  );
  return { ...httpEdge('Apache', url, stop), isByRules: true };
};

const startPrivateCaddy: Start = async ({ out, password }) => {
  const hash = hashBy('htpasswd', ['-niBC', '5', USER], password).replace(/.*:/, '');
  const lines = (await ofDocs('caddy', '\t@closed')).replace('HASH', () => hash);
  const { url, stop } = await startCaddy(out, '', (config) =>
    config.replace(/^(?=\timport)/m, () => lines),
  );
  return { ...httpEdge('Caddy', url, stop), isByRules: true };
};

const startPrivateHaproxy: Start = async ({ out, file, password }) => {
  const lines = (await ofDocs('haproxy', 'userlist')).replace('HASH', () => shaCrypt(password));
  const own = `${file}.haproxy`;
  const defaults =
    'defaults\n  mode http\n  timeout connect 5s\n  timeout client 9s\n  timeout server 9s\n\n';
  await writeFile(own, defaults + lines.replace('bind :8085', 'bind "$WEB"'));
  const variables = { WEB: `127.0.0.1:${await freePort()}`, MARKETPLACE_LISTEN: undefined };
  const { url, stop } = await startHaproxy(out, { configs: [own], variables });
  return { ...httpEdge('HAProxy', url, stop), isByRules: true };
};

const asBuilt =
  (name: string): Start =>
  ({ out }) =>
    (EDGES[name] as (typeof EDGES)[string]).start(out);

/** Every way to serve a build for users only, and why a test of it is skipped. */
export const PRIVATE_EDGES: Readonly<Record<string, { start: Start; skip: string | false }>> =
  Object.fromEntries(
    (
      [
        ['embedded server', asBuilt('embedded server')],
        ['Cloudflare', asBuilt('Cloudflare')],
        ['CloudFront', asBuilt('CloudFront')],
        ['nginx', startNginxWith(true)],
        ['rules of nginx', startNginxWith(false)],
        ['rules of nginx', startIncluded, 'nginx that runs already'],
        ['Apache', startPrivateApache],
        ['Caddy', startPrivateCaddy],
        ['HAProxy', startPrivateHaproxy],
      ] as const
    ).map(([edge, start, name = edge]) => [name, { start, skip: EDGES[edge]?.skip ?? false }]),
  );
