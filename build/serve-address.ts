import { UsageError } from '../src/errors.ts';

/** Where a server listens. */
export interface ServeAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** The `options` of `parseArgs` for `readServeAddress`. */
export const ADDRESS_FLAGS = { host: { type: 'string' }, port: { type: 'string' } } as const;

/** The lines of a command's help for them. */
export const ADDRESS_HELP = `\
  --host HOST           the address to listen on; 0.0.0.0: every one        (127.0.0.1, or MARKETPLACE_HOST)
  --port PORT           the port to listen on; 0: any that is free          (8085, or MARKETPLACE_PORT)`;

/**
 * The address out of flags, then environment, then defaults.
 *
 * @throws {UsageError} where the port is none
 */
export function readServeAddress(
  flags: { readonly host?: string | undefined; readonly port?: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): ServeAddress {
  const { MARKETPLACE_HOST: envHost, MARKETPLACE_PORT: envPort } = environment;
  return {
    host: flags.host || envHost || '127.0.0.1',
    port:
      flags.port === undefined
        ? parsePort('MARKETPLACE_PORT', envPort || '8085')
        : parsePort('--port', flags.port),
  };
}

function parsePort(name: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`${name} is a number from 0 to 65535, not ${JSON.stringify(text)}`);
}
