import { compare, valid } from 'semver';
import type { DecodedManifest } from '../answers/answer-type.ts';
import type { Path } from '../answers/go-decoder.ts';
import { judgeSignature } from '../openpgp/signature.ts';
import { isAtLeast } from '../server-line.ts';
import {
  commonProgram,
  isInstallableId,
  ownPrograms,
  serverPart,
  webappFile,
} from './manifest-rules.ts';

/** The fields of an answer's element that decide whether a server can install it. */
export interface Offer {
  readonly download_url: string;
  readonly signature?: string;
  readonly manifest: DecodedManifest;
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
  /** The problem, worded to follow the value found. */
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
 * The problems of a bundle that its entry shows, for servers of every version. Sources: server/channels/app/download.go,
 * plugin_install.go, plugin_signature.go.
 */
export function findBundleObstacles(downloadUrl: string, signature: string): Obstacle[] {
  const unsigned = judgeSignature(signature);
  return [
    ...judgeDownload(downloadUrl),
    ...(unsigned ? [{ path: ['signature'], ...unsigned }] : []),
  ];
}

/** Why servers do not download from an address; empty where they do. */
export function judgeDownload(url: string): Obstacle[] {
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
        message: 'is not an address that servers download from',
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

/** The first version since which a plugin must be newer than 0.0.0 (`InstallMarketplacePlugin`). */
const NEWER_THAN_NOTHING_SINCE = '6.5.0';

/**
 * What keeps a server from installing or starting a plugin with this manifest.
 *
 * @param manifest as the server has it
 */
export function findManifestObstacles(
  manifest: DecodedManifest,
  server: InstallingServer,
): Obstacle[] {
  return [
    ...judgeId(manifest.id),
    ...judgeVersion(manifest.version, server),
    ...judgeWebapp(manifest),
    ...judgeProgram(manifest, server),
  ];
}

/** What keeps servers from installing a plugin with this id. */
export function judgeId(id: string): Obstacle[] {
  if (isInstallableId(id)) return [];
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

function judgeWebapp({ webapp }: DecodedManifest): Obstacle[] {
  if (webapp === null) return [];
  const found = webappFile(webapp.bundle_path);
  if ('file' in found) return [];
  return [
    {
      check: 'refused-webapp',
      path: ['manifest', 'webapp', 'bundle_path'],
      message:
        found.refusal === 'outside'
          ? 'leads out of the bundle, and servers refuse it'
          : 'names no file, and servers refuse to install a web app without one',
      remedy: 'write the path of its script inside the bundle, such as webapp/dist/main.js',
    },
  ];
}

function judgeProgram(manifest: DecodedManifest, { platform }: InstallingServer): Obstacle[] {
  const part = serverPart({ ...manifest });
  if (part === undefined) return manifest.webapp === null ? [EMPTY_PLUGIN] : [];
  const hasOwn = ownPrograms(part).some(([name]) => name === platform);
  if (hasOwn || commonProgram(part) !== undefined) return [];
  return [
    {
      check: 'no-program',
      path: ['manifest', 'server'],
      message: `declares no program for ${platform}`,
      remedy: 'build the plugin for it, or leave it as it is if it does not run there',
    },
  ];
}

const EMPTY_PLUGIN: Obstacle = {
  check: 'empty-plugin',
  path: ['manifest'],
  message: 'declares neither a server nor a webapp, and servers do not start such a plugin',
  remedy: 'write the manifest of the bundle here',
};
