import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { readBuildSettings } from '../../src/settings/read-settings.ts';
import { BROWSER_OPTIONS } from '../../test/engines/browser.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { inFolder } from '../cli/in-folder.ts';
import { runBuild } from '../site/run-build.ts';

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

/** Builds little: the pages look the same. */
const LITTLE = { search: 'off', 'every-page-size': 'off', 'page-sizes': '100' };

const screenshots = defineCommand({
  call: 'npm run screenshots',
  summary: 'Takes the screenshots in docs/screenshots, of the shipped catalog',
  flags: { out: { value: 'folder', fallback: 'docs/screenshots', help: 'where to write them' } },
  notes: 'Needs Chromium, such as: apt-get install chromium',
  example: 'npm run screenshots',
  action: async ({ flags: { out } }, context) => {
    await mkdir(out, { recursive: true });
    await inFolder(async (folder) => {
      const dir = path.join(folder, 'dist');
      const settings = await readBuildSettings({ ...LITTLE, dir }, {}, context.cwd);
      await runBuild({ settings, isStrict: false }, context);
      const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
      const browser = await chromium.launch(BROWSER_OPTIONS);
      try {
        for (const shot of SHOTS) {
          const picture = await takePicture(browser, shot, `${server.url}/${shot.address}`);
          await writeFile(path.join(out, `${shot.name}.png`), picture);
        }
      } finally {
        await browser.close();
        await server.close();
      }
    });
  },
});

await runProgram(import.meta.url, screenshots);

async function takePicture(browser: Browser, shot: Shot, url: string): Promise<Buffer> {
  const [width, height] = shot.size;
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: shot.scheme,
    isMobile: width < 500,
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  const picture = await page.screenshot();
  await page.close();
  return picture;
}
