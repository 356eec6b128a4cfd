import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { readBuildSettings } from '../../src/settings/read-settings.ts';
import { BROWSER_OPTIONS } from '../../test/engines/browser.ts';
import { runCommand } from '../cli/cli.ts';
import { runBuild } from '../site/run-build.ts';

const HELP = `
Takes the pictures of the pages that the README shows, of the shipped catalog.

  npm run screenshots [-- --out DIR]

  --out DIR   where they are written   (docs/screenshots)

Needs Chromium, such as: apt-get install chromium
`;

/** One picture: file, width and height of the window, scheme, and what is looked at. */
interface Shot {
  readonly name: string;
  readonly size: readonly [number, number];
  readonly scheme: 'light' | 'dark';
  readonly address: string;
}

const SHOTS: readonly Shot[] = [
  { name: 'list-light', size: [1280, 860], scheme: 'light', address: '' },
  {
    name: 'list-dark',
    size: [1280, 860],
    scheme: 'dark',
    address: '?server_version=9.5.0&enterprise_plugins=true',
  },
  { name: 'plugin-light', size: [1280, 860], scheme: 'light', address: 'plugins/jira/' },
  { name: 'list-phone', size: [390, 800], scheme: 'light', address: '?filter=channel' },
  { name: 'plugin-phone', size: [390, 800], scheme: 'dark', address: 'plugins/zoom/' },
];

await runCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: { out: { type: 'string', default: 'docs/screenshots' } },
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'marketplace-screenshots-'));
  const dir = path.join(folder, 'dist');
  await mkdir(values.out, { recursive: true });
  const flags = { search: 'off', 'every-page-size': 'off', 'page-sizes': '100', dir };
  const settings = await readBuildSettings(flags, {}, process.cwd());
  try {
    await runBuild({ settings, cwd: process.cwd(), isStrict: false, isQuiet: true });
    const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
    const browser = await chromium.launch(BROWSER_OPTIONS);
    try {
      for (const shot of SHOTS) {
        const [width, height] = shot.size;
        const page = await browser.newPage({
          viewport: { width, height },
          colorScheme: shot.scheme,
          isMobile: width < 500,
        });
        const picture = await takePicture(page, `${server.url}/${shot.address}`);
        await writeFile(path.join(values.out, `${shot.name}.png`), picture);
        await page.close();
      }
    } finally {
      await browser.close();
      await server.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function takePicture(page: Page, url: string): Promise<Buffer> {
  await page.goto(url, { waitUntil: 'networkidle' });
  return await page.screenshot();
}
