import assert from 'node:assert/strict';
import { formatCatalog } from '../../src/catalog/format-catalog.ts';
import { applyNotices } from '../../src/catalog/notices/apply-notices.ts';
import { formatNotices, type Notice, parseNotices } from '../../src/catalog/notices/notice.ts';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import type { Release } from '../../src/catalog/release.ts';
import { checkCatalog } from '../../src/curation/check/check-catalog.ts';
import { parseEntries } from '../../src/curation/editable-catalog.ts';
import { findNoticeProblems } from '../../src/curation/notices/find-notice-problems.ts';
import { announce } from '../../src/diff/announce.ts';
import { diffCatalogs } from '../../src/diff/diff-catalogs.ts';
import { formatMarkdown } from '../../src/diff/format-markdown.ts';
import { formatText } from '../../src/diff/format-text.ts';
import { digestOf } from '../../src/lib/digests.ts';
import { formatProblem } from '../../src/lib/errors.ts';
import { parseAnswer } from '../../src/mattermost/answers/parse-answer.ts';
import { sitePages } from '../../src/pages/html/site-pages.ts';
import { planSite } from '../../src/site/plan/plan-site.ts';
import { joinPieces } from '../../src/site/write/answer-files.ts';
import { recordFirstSeen } from '../../src/upstream/first-seen.ts';
import { parseLock, renderLock } from '../../src/upstream/lock.ts';
import { PLAIN_SITE } from '../sites/plain-site.ts';
import { GENEROUS } from '../sites/planned-site.ts';
import { accepted, assertInside, assertTellable, type FuzzTarget } from './fuzz-target.ts';
import { mutateJson } from './mutate.ts';
import { CATALOGS, NOW } from './samples.ts';

const [before] = CATALOGS.map((text) => parseCatalog(text.toString(), 'old.json').releases);

/** `plugins.json`, through all that reviewers and `diff` make of it. */
export function catalogs(parse = parseCatalog): FuzzTarget {
  return {
    samples: CATALOGS,
    mutate: mutateJson,
    check: ([input]) => {
      const text = String(input);
      const { releases, problems } = parse(text, 'plugins.json');
      problems.map(formatProblem);
      if (problems.length > 0) return;
      const formatted = formatCatalog(parseEntries(text, 'plugins.json'));
      const again = formatCatalog(parseEntries(formatted, 'plugins.json'));
      assert.equal(again, formatted, 'a catalog that was formatted is formatted otherwise again');
      review(releases);
    },
  };
}

/** Whatever may be shown of releases that were accepted. */
export function review(releases: readonly Release[]): void {
  checkCatalog([{ file: 'plugins.json', releases: [...releases] }], NOW).map(formatProblem);
  const diff = diffCatalogs(before ?? [], releases);
  formatMarkdown(diff);
  formatText(diff);
  announce(diff, releases);
}

/** The notices beside a catalog, through all that is told of them. */
export function notices(parse = parseNotices): FuzzTarget {
  const grounds = { reason: 'https://example.com/why', date: NOW.toISOString() };
  const releases = before ?? [];
  const given = releases.slice(0, 3).flatMap(({ manifest }): Notice[] => {
    const target = { plugin: manifest.id, versions: `<=${manifest.version}` };
    return [
      { ...target, kind: 'suspended', ...grounds },
      { ...target, kind: 'advisory', severity: 'high', title: 'It leaks', ...grounds },
      { plugin: manifest.id, kind: 'deprecated', ...grounds },
    ];
  });
  return {
    samples: [given, given.slice(-1)].map((some) => Buffer.from(formatNotices(some))),
    mutate: mutateJson,
    check: ([input]) => {
      const { notices, problems } = parse(String(input), 'notices.json');
      problems.map(formatProblem);
      if (problems.length > 0) return;
      const formatted = formatNotices(notices);
      const again = formatNotices(parseNotices(formatted, 'notices.json').notices);
      assert.equal(again, formatted, 'notices that were formatted are formatted otherwise again');
      findNoticeProblems([{ file: 'notices.json', notices }], releases).map(formatProblem);
      const offered = releases.flatMap((release) => applyNotices(notices)(release) ?? []);
      const diff = diffCatalogs(releases, offered, { after: notices });
      formatMarkdown(diff);
      assertTellable(formatText(diff));
      announce(diff, offered);
    },
  };
}

/** A build of a small catalog: the paths of its files, and whether servers read its answers. */
export function builds(plan = planSite): FuzzTarget {
  return {
    samples: CATALOGS.slice(0, 2),
    mutate: mutateJson,
    check: async ([input]) => {
      const { releases, problems } = parseCatalog(String(input), 'plugins.json');
      if (problems.length > 0) return;
      const made = await accepted(() => plan({ ...GENEROUS, pageSizes: [100], releases }));
      if (made === undefined) return;
      const pages = await sitePages(made.space, made.loaded, PLAIN_SITE);
      for (const { path } of pages.files) assertInside(path);
      for (const answer of made.answers.answers) {
        assertInside(answer.path.slice(1));
        const read = parseAnswer('10.0.0', joinPieces(answer, made.space.rendered).toString());
        assert.ok('plugins' in read, `servers do not read ${answer.path}: ${JSON.stringify(read)}`);
      }
    },
  };
}

/** The lock of an upstream marketplace, mostly with a digest that matches the change. */
export function locks(parse = parseLock): FuzzTarget {
  const url = 'https://marketplace.example';
  return {
    samples: CATALOGS.slice(0, 3).map((text) => {
      const { releases } = parseCatalog(text.toString(), 'upstream.json');
      const firstSeen = recordFirstSeen(releases, NOW);
      return Buffer.from(renderLock({ url, fetchedAt: NOW.toISOString(), releases, firstSeen }));
    }),
    mutate: (random, sample) => {
      const text = mutateJson(random, sample).toString();
      return Buffer.from(random.chance(0.8) ? withDigest(text) : text);
    },
    check: async ([input]) => {
      const lock = await accepted(() => parse(String(input), 'upstream.json'));
      if (lock === undefined) return;
      lock.warnings.map(formatProblem);
      const kept = renderLock(lock);
      assert.equal(renderLock(parse(kept, 'again.json')), kept, 'what is kept is read otherwise');
      review(lock.releases);
    },
  };
}

function withDigest(text: string): string {
  try {
    const { releases, firstSeen } = JSON.parse(text);
    const sha256 = digestOf(JSON.stringify(firstSeen ? [releases, firstSeen] : releases));
    return text.replace(/(?<="sha256":\s*")[0-9a-f]{64}/, sha256);
  } catch {
    return text;
  }
}
