import { z } from 'zod';
import { BUILD_SETTINGS } from './build-settings.ts';
import { onOrOff, section, text, type ValuesOf, wholeNumber } from './setting.ts';

/** 0 is one: the system chooses. */
const port = z.int().min(0).max(65_535);

/** The settings of serving a build. */
export const SERVE_SETTINGS = {
  dir: BUILD_SETTINGS.dir,
  users: BUILD_SETTINGS.users,
  ...section('Serving', {
    bundles: text({
      valueName: 'folder',
      takes: 'the folder of a pack',
      help: 'a pack (see npm run catalog -- mirror) whose bundles are served, too, at /bundles/',
    }),
    host: text({
      valueName: 'address',
      takes: 'an address or a name of this machine',
      fallback: '127.0.0.1',
      help: 'the address to listen on; 0.0.0.0 means every one',
    }),
    port: {
      valueName: 'number',
      fallback: 8085 as number,
      takes: 'a number from 0 to 65535',
      parse: (given: string) =>
        /^\d{1,5}$/.test(given) ? (port.safeParse(Number(given)).data ?? null) : null,
      schema: port,
      help: 'the port to listen on; 0 means any free one',
    },
    log: {
      ...onOrOff({
        fallback: false,
        help: 'the embedded server writes a line on stderr for each request',
      }),
      valueName: '',
    },
    maxConnections: wholeNumber('connections', {
      fallback: 1000,
      help: 'connections of the embedded server at a time; it closes any more',
    }),
    maxUnreadBytes: wholeNumber('bytes', {
      fallback: 256 * 1024 ** 2,
      help: 'bytes that its clients may leave unread; beyond that it answers 503',
    }),
    nginxRoot: text({
      flag: 'root',
      valueName: 'folder',
      takes: 'a folder',
      fallback: '.nginx',
      help: 'the folder in which npm run nginx runs nginx',
    }),
  }),
};

/** How a build is served, complete. */
export type ServeSettings = ValuesOf<typeof SERVE_SETTINGS>;
