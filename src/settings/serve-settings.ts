import { z } from 'zod';
import { BUILD_FOLDER } from './build-folder.ts';
import { onOrOff, type Setting, type SettingTable, text, wholeNumber } from './setting.ts';

/** What the commands that serve a build can be told, complete. */
export interface ServeSettings {
  /** Folder of the build. */
  readonly dir: string;
  /** The address to listen on. */
  readonly host: string;
  /** The port to listen on; 0: any that is free. */
  readonly port: number;
  /** Folder of a pack whose bundles are served, too; empty: none. */
  readonly bundles: string;
  /** Whether the embedded server writes a line for each request. */
  readonly log: boolean;
  /** The most connections of the embedded server at a time. */
  readonly maxConnections: number;
  /** The most bytes that its clients may leave unread. */
  readonly maxUnreadBytes: number;
  /** The folder that nginx runs in. */
  readonly nginxRoot: string;
}

/** 0 is one: the system chooses. */
const portNumber = z.int().min(0).max(65_535);

const port: Setting<number> = {
  flag: 'port',
  environment: 'MARKETPLACE_PORT',
  fallback: 8085,
  takes: 'a number from 0 to 65535',
  parse: (given) =>
    /^\d{1,5}$/.test(given) ? (portNumber.safeParse(Number(given)).data ?? null) : null,
  schema: portNumber,
};

/** The settings of serving, and their defaults. */
export const SERVE_SETTINGS: SettingTable<ServeSettings> = {
  dir: BUILD_FOLDER,
  host: {
    ...text('host', 'MARKETPLACE_HOST', 'an address or a name of this machine'),
    fallback: '127.0.0.1',
    schema: z.string().min(1),
  },
  port,
  bundles: text('bundles', 'MARKETPLACE_BUNDLES', 'the folder of a pack'),
  log: { ...onOrOff('log', 'MARKETPLACE_LOG'), fallback: false },
  maxConnections: wholeNumber(
    'max-connections',
    'MARKETPLACE_MAX_CONNECTIONS',
    1000,
    'connections',
  ),
  maxUnreadBytes: wholeNumber(
    'max-unread-bytes',
    'MARKETPLACE_MAX_UNREAD_BYTES',
    256 * 1024 ** 2,
    'bytes',
  ),
  nginxRoot: {
    ...text('root', 'MARKETPLACE_NGINX_ROOT', 'a folder'),
    fallback: '.nginx',
    schema: z.string().min(1),
  },
};

/** The `options` of `parseArgs` for what every command that serves takes. */
export const SERVE_FLAGS = {
  dir: { type: 'string' },
  out: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  bundles: { type: 'string' },
  config: { type: 'string' },
} as const;

/** The same for the embedded server. */
export const EMBEDDED_FLAGS = {
  ...SERVE_FLAGS,
  log: { type: 'boolean' },
  'max-connections': { type: 'string' },
  'max-unread-bytes': { type: 'string' },
} as const;
