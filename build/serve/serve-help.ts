/** The lines of a command's help for what `SERVE_FLAGS` take, but for the build and the configuration. */
export const SERVE_HELP = `\
  --bundles DIR         a pack that npm run catalog -- mirror made: its bundles, at /bundles/…
  --host HOST           the address to listen on; 0.0.0.0: every one        (127.0.0.1)
  --port PORT           the port to listen on; 0: any that is free          (8085)`;
