import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { rsaSignature } from '../../../../test/samples/rsa-signature.ts';
import { PAGE_SERVERS, servePages } from '../../../../test/sites/served-pages.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';

const file = path.join(import.meta.dirname, '../../../../plugins.json');
const SIGNATURE = rsaSignature(1);
// The shipped catalog has no signatures.
const releases = parseCatalog(readFileSync(file, 'utf8'), file).releases.map((release) =>
  release.manifest.id === 'jira' ? { ...release, signature: SIGNATURE } : release,
);

const pages = servePages(releases);

for (const { name, skip } of PAGE_SERVERS) {
  describe(`The page of a plugin, from ${name}`, { skip, concurrency: 4 }, () => {
    /** Opens a page, looks at it, and checks that nothing went wrong. */
    async function look(
      address: string,
      see: (page: Page) => Promise<void>,
      options: BrowserContextOptions = {},
    ) {
      const opened = await pages.open(name, address, options);
      await see(opened.page);
      assert.deepEqual(opened.troubles, []);
      await opened.close();
    }

    const offer = (page: Page) => page.locator('#offer').innerText();

    test('says what the server in its address gets, and why not the newest', async () => {
      await look('plugins/jira/?server_version=7.5.0&platform=linux-arm64', async (page) => {
        const text = await offer(page);
        assert.match(text, /^Your server gets 3\.2\.5\n/);
        assert.match(text, /For a self-hosted Team server 7\.5\.0 on linux-arm64\./);
        assert.match(text, /The newest release is 4\.1\.1, which needs server 7\.8\./);
        const got = page.locator('.release', { hasText: 'Your server gets this' });
        assert.equal(await got.getAttribute('id'), 'v3.2.5');
        await page.locator('#offer summary').click();
        const excluded = await page.locator('#offer li').allTextContents();
        assert.deepEqual(excluded, [
          '4.1.1 needs server 7.8',
          '3.0.1, 2.4.0, 2.0.6 have no program for linux-arm64',
        ]);
        await page.getByRole('link', { name: 'Choose another server' }).click();
        await page.waitForURL('**/?server_version=7.5.0&platform=linux-arm64');
      });
    });

    test('goes by the server that was chosen last, and takes it back to the list', async () => {
      await look('?platform=linux-amd64', async (page) => {
        await page.getByLabel('Server version').fill('7.5.0');
        await page.waitForURL('**/?server_version=7.5.0&platform=linux-amd64');
        await page.goto(`${pages.urlOf(name)}/plugins/zoom/`);
        assert.match(await offer(page), /For a self-hosted Team server 7\.5\.0 on linux-amd64\./);
        await page.goto(`${pages.urlOf(name)}/plugins/zoom/?server_version=5.12.0`);
        assert.match(await offer(page), /For a self-hosted Team server 5\.12\.0\./);
        await page.getByRole('link', { name: 'All plugins' }).click();
        await page.waitForURL('**/?server_version=5.12.0');
      });
    });

    test('warns of a release without a program for the platform', async () => {
      const address = 'plugins/com.mattermost.plugin-channel-export/?platform=linux-arm64';
      await look(`${address}&enterprise_plugins=true`, async (page) => {
        assert.match(
          await offer(page),
          /1\.0\.0 has no program for linux-arm64, so it would not start there/,
        );
      });
    });

    test('leads to the list where no server is chosen', async () => {
      await look('plugins/jira/', async (page) => {
        assert.match(await offer(page), /^Your server\n\nA server gets the newest release/);
        await page.getByRole('link', { name: 'Choose your server' }).click();
        await page.getByLabel('Server version').waitFor();
      });
    });

    const openReleases = async (page: Page) => {
      const open = page.locator('.release:has(> details[open])');
      return await open.evaluateAll((elements) => elements.map(({ id }) => id));
    };

    test('opens the release in its address, wherever it is folded', async () => {
      await look('plugins/com.mattermost.nps/#v1.0.2', async (page) => {
        assert.deepEqual(await openReleases(page), ['v1.0.2']);
        assert.equal(await page.locator('.others').getAttribute('open'), '');
        assert.equal(await page.locator(':target').getAttribute('id'), 'v1.0.2');
        const box = await page.locator('#v1\\.0\\.2').boundingBox();
        assert.ok(box && box.y >= 0 && box.y < 400, `it is at ${box?.y}`);
      });
      await look('plugins/jira/', async (page) => {
        await page.locator('#v4\\.1\\.1 summary').first().click();
        await page.getByRole('link', { name: 'Link to this release' }).click();
        assert.equal(new URL(page.url()).hash, '#v4.1.1');
        await page.goto(`${page.url().split('#')[0]}#v3.0.1`);
        await page.locator('#v3\\.0\\.1 > details[open]').waitFor();
        await page.goto(`${page.url().split('#')[0]}#v2%2E4%2E0`);
        await page.locator('#v2\\.4\\.0 > details[open]').waitFor();
      });
      await look('plugins/jira/#%E0%A4%A', async (page) => {
        assert.deepEqual(await openReleases(page), []);
      });
    });

    /** Waits until an expression has a value. */
    const waitFor = async (page: Page, expression: string, expected: string) => {
      let found: unknown;
      for (let tries = 0; tries < 200 && found !== expected; tries++) {
        found = await page.evaluate(expression);
        await page.waitForTimeout(20);
      }
      assert.equal(found, expected);
    };

    test('copies commands and signatures', async () => {
      const options = { permissions: ['clipboard-read', 'clipboard-write'] };
      await look(
        'plugins/jira/#v4.1.1',
        async (page) => {
          const clipboard = 'navigator.clipboard.readText()';
          const release = page.locator('#v4\\.1\\.1');
          await release.getByRole('button', { name: 'Copy', exact: true }).click();
          await waitFor(page, clipboard, 'mmctl plugin marketplace install jira');
          await release.getByRole('button', { name: 'Copy as Base64' }).first().click();
          await waitFor(page, clipboard, SIGNATURE);
        },
        options,
      );
    });

    test('copies where the browser has no clipboard, as without encryption', async () => {
      const opened = await pages.open(name, 'about/');
      const { page } = opened;
      await page.addInitScript(`Object.defineProperty(navigator, 'clipboard', { value: undefined });
        addEventListener('copy', (event) => {
          window.copied = document.activeElement.value;
          // Windows of other tests have the same clipboard.
          event.preventDefault();
        })`);
      await page.goto(`${pages.urlOf(name)}/plugins/jira/#v4.1.1`);
      await page.locator('#v4\\.1\\.1').getByRole('button', { name: 'Copy', exact: true }).click();
      await waitFor(page, 'window.copied', 'mmctl plugin marketplace install jira');
      assert.deepEqual(opened.troubles, []);
      await opened.close();
    });

    test('saves a signature as a file, which the content security policy lets it', async () => {
      await look('plugins/jira/#v4.1.1', async (page) => {
        const saved = page.waitForEvent('download');
        await page.locator('#v4\\.1\\.1').getByRole('link', { name: 'Signature' }).first().click();
        const download = await saved;
        assert.match(
          download.suggestedFilename(),
          /^mattermost-plugin-jira-v4\.1\.1.*\.tar\.gz\.sig$/,
        );
        assert.equal((await readFile(await download.path())).toString('base64'), SIGNATURE);
      });
    });

    test('marks a plugin without a release for two years, by the clock of the reader', async () => {
      const isMarked = async (time: string) => {
        const opened = await pages.open(name, 'about/');
        await opened.page.clock.setFixedTime(new Date(time));
        await opened.page.goto(`${pages.urlOf(name)}/plugins/jira/`);
        const mark = opened.page.getByText('No release in two years');
        const isVisible = await mark.isVisible();
        await opened.close();
        return isVisible;
      };
      assert.equal(await isMarked('2026-03-01T00:00:00Z'), false);
      assert.equal(await isMarked('2026-05-01T00:00:00Z'), true);
    });

    test('tells all about the releases without JavaScript', async () => {
      await look(
        'plugins/jira/',
        async (page) => {
          assert.equal(await page.getByRole('button').count(), 0);
          const release = page.locator('#v3\\.2\\.5');
          await release.locator('summary').click();
          assert.equal(await release.getByText('mmctl plugin').isVisible(), true);
          assert.equal(await page.getByText('No release in two years').isVisible(), false);
        },
        { javaScriptEnabled: false },
      );
    });

    test('is described for search engines, in a block that no policy stops', async () => {
      await look('plugins/jira/', async (page) => {
        const data = await page.locator('script[type="application/ld+json"]').textContent();
        assert.equal(JSON.parse(data ?? '').softwareVersion, '4.1.1');
      });
    });
  });
}
