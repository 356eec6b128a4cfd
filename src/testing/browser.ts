import { existsSync } from 'node:fs';
import type { LaunchOptions } from 'playwright-core';

/** Where Debian's package has it. */
const CHROMIUM = '/usr/bin/chromium';

/** How a browser is started that asks nobody but the site. */
export const BROWSER_OPTIONS: LaunchOptions = {
  executablePath: CHROMIUM,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Why a test that needs it is skipped; false where it is there. CI installs it. */
export const skipWithoutChromium =
  !existsSync(CHROMIUM) && 'needs Chromium: apt-get install chromium';
