import { compare, valid } from 'semver';
import type { Path } from './go-decoder.ts';
import type { OfferedManifest } from './platforms.ts';
import { isAtLeast } from './server-line.ts';
import { judgeSignature } from './signature.ts';

/** What of an answer's element decides whether a server can install it. Null says the same as nothing. */
export interface Offer {
  readonly download_url: string;
  readonly signature?: string;
  readonly manifest: OfferedManifest;
}

/** A server that is about to install. */
export interface InstallingServer {
  readonly version: string;
  /** GOOS and GOARCH: `linux-amd64`. */
  readonly platform: string;
}

/** Why a server does not get a plugin that it is offered. */
export interface Obstacle {
  /** The name of the check that finds it. */
  readonly check: string;
  /** The field at fault, inside the element. */
  readonly path: Path;
  /** What is wrong, to follow the value found there. */
  readonly message: string;
  readonly remedy: string;
  /** The setting with which a server takes it after all. */
  readonly unlessSetting?: string;
}

/** Everything that keeps a server from installing what it is offered, or from starting it. */
export function findObstacles(offer: Offer, server: InstallingServer): Obstacle[] {
  return [
    ...findBundleObstacles(offer.download_url, offer.signature ?? ''),
    ...findManifestObstacles(offer.manifest, server),
  ];
}

/**
 * What is wrong with a bundle as far as its entry tells, for servers of every version. Sources: server/channels/app/download.go,
 * plugin_install.go, plugin_signature.go.
 */
export function findBundleObstacles(downloadUrl: string, signature: string): Obstacle[] {
  const unsigned = judgeSignature(signature);
  return [
    ...judgeDownload(downloadUrl),
    ...(unsigned ? [{ path: ['signature'], ...unsigned }] : []),
  ];
}

function judgeDownload(url: string): Obstacle[] {
  const path = ['download_url'];
  if (url === '') {
    return [
      {
        check: 'missing-download',
        path,
        message: 'names no bundle, so no server can install the release',
        remedy: 'write the URL of its bundle',
      },
    ];
  }
  if (url.startsWith('https://')) return [];
  // The scheme is compared as it is written.
  if (!url.startsWith('http://')) {
    return [
      {
        check: 'odd-download',
        path,
        message: 'is no address that a server downloads from',
        remedy: 'begin it with https:// in lower case',
      },
    ];
  }
  return [
    {
      check: 'http-download',
      path,
      message: 'is not encrypted, and a server with default settings refuses it',
      remedy: 'serve it by https, or set PluginSettings.AllowInsecureDownloadURL on the servers',
      unlessSetting: 'PluginSettings.AllowInsecureDownloadURL',
    },
  ];
}

/** What a server takes for a plugin id, once it is in lower case (server/public/model/plugin_valid.go). */
const PLUGIN_ID = /^[a-z0-9_.-]{3,190}$/;

/** The first version since which a plugin must be newer than 0.0.0 (`InstallMarketplacePlugin`). */
const NEWER_THAN_NOTHING_SINCE = '6.5.0';

/** What keeps a server from installing or starting a plugin with this manifest. */
export function findManifestObstacles(
  manifest: OfferedManifest,
  server: InstallingServer,
): Obstacle[] {
  return [
    ...judgeId(manifest.id),
    ...judgeVersion(manifest.version, server),
    ...judgeWebapp(manifest),
    ...judgeProgram(manifest, server),
  ];
}

/** What keeps servers from installing a plugin of that id. */
export function judgeId(id: string): Obstacle[] {
  if (PLUGIN_ID.test(id.toLowerCase())) return [];
  return [
    {
      check: 'refused-id',
      path: ['manifest', 'id'],
      message: 'is an id that a Mattermost server refuses to install',
      remedy: 'use 3 to 190 of the characters a-z 0-9 _ . -',
    },
  ];
}

function judgeVersion(version: string, server: InstallingServer): Obstacle[] {
  const isNewer = valid(version) === null || compare(version, '0.0.0') > 0;
  if (isNewer || !isAtLeast(server.version, NEWER_THAN_NOTHING_SINCE)) return [];
  return [
    {
      check: 'zero-version',
      path: ['manifest', 'version'],
      message: `is not newer than 0.0.0, and servers from ${NEWER_THAN_NOTHING_SINCE} on install only what is`,
      remedy: 'give the release a version such as 0.0.1',
    },
  ];
}

function judgeWebapp(manifest: OfferedManifest): Obstacle[] {
  const webapp = asObject(manifest['webapp']);
  if (webapp === undefined) return [];
  const path = ['manifest', 'webapp', 'bundle_path'];
  const bundlePath = webapp['bundle_path'];
  const isThere = typeof bundlePath === 'string' && bundlePath !== '';
  if (isThere && !leadsUpwards(bundlePath)) return [];
  return [
    {
      check: 'refused-webapp',
      path,
      message: isThere
        ? 'leads out of the bundle, and servers refuse it'
        : 'names no file, and servers refuse to install a web app without one',
      remedy: 'write the path of its script inside the bundle, such as webapp/dist/main.js',
    },
  ];
}

/** Whether a path, once its dots are resolved, begins above where it started. */
function leadsUpwards(path: string): boolean {
  let depth = 0;
  for (const step of path.split('/')) {
    if (step === '..') depth--;
    else if (step !== '' && step !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}

/** The platforms that servers before 5.32 have a program for. */
const FIRST_PLATFORMS: readonly string[] = ['linux-amd64', 'darwin-amd64', 'windows-amd64'];

function judgeProgram(manifest: OfferedManifest, server: InstallingServer): Obstacle[] {
  const isOld = !isAtLeast(server.version, '5.32.0');
  const backend = isAtLeast(server.version, '6.0.0') ? undefined : manifest['backend'];
  const part = asObject(manifest['server'] ?? backend);
  if (part === undefined) {
    return asObject(manifest['webapp']) === undefined
      ? [
          {
            check: 'empty-plugin',
            path: ['manifest'],
            message:
              'declares neither a server nor a webapp, and servers do not start such a plugin',
            remedy: 'write the manifest of the bundle here',
          },
        ]
      : [];
  }
  const own = asObject(part['executables'])?.[server.platform];
  const isKnown = !isOld || FIRST_PLATFORMS.includes(server.platform);
  if ((isKnown && isText(own)) || isText(part['executable'])) return [];
  return [
    {
      check: 'no-program',
      path: ['manifest', 'server'],
      message: `declares no program for ${server.platform}`,
      remedy: 'build the plugin for it, or leave it as it is if it does not run there',
    },
  ];
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
