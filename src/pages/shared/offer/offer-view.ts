import { count } from '../../../lib/errors.ts';
import { describeServer } from '../list-view.ts';
import { h, type Piece } from '../piece.ts';
import { completeVersion, formatViewState, type ServerView } from '../view-state.ts';
import { findOffer, type Offer, type ReleaseFacts, reasonWords } from './offer.ts';

/** What the page of a plugin says about a server. */
export interface OfferView {
  /** The release that the server gets; undefined: none. */
  readonly gets: ReleaseFacts | undefined;
  readonly view: Piece;
}

/**
 * Which release a server gets, why not the newest, and which it does not get.
 *
 * @param releases of the plugin, in the order of an index; at least one
 * @param root the way to the list
 */
export function offerView(
  releases: readonly ReleaseFacts[],
  server: ServerView,
  root: string,
): OfferView {
  const address = `${root}?${formatViewState({ server })}`;
  const change = h('a', { href: address }, 'Choose another server');
  if (completeVersion(server.serverVersion) === null) {
    const text = 'The server version in the address of this page is not valid. ';
    return { gets: undefined, view: [heading('Your server'), h('p', {}, text, change)] };
  }
  const offer = findOffer(releases, server);
  const view = [
    offer.gets === undefined
      ? heading('Your server gets no release of this plugin')
      : heading('Your server gets ', nameRelease(offer.gets)),
    h('p', { class: 'muted' }, `For ${describeServer(server)}. `, change),
    explainNewest(offer),
    ...warnings(offer).map((warning) => h('p', { class: 'warning' }, warning)),
    listExcluded(offer),
  ];
  return { gets: offer.gets, view };
}

function heading(...children: readonly Piece[]): Piece {
  return h('h2', {}, children);
}

function nameRelease({ anchor, version }: ReleaseFacts): Piece {
  return h('a', { href: `#${anchor}` }, h('bdi', {}, version));
}

function explainNewest({ gets, newest, excluded }: Offer): Piece {
  if (gets === newest) return h('p', {}, 'This is the newest release.');
  const reasons = excluded.find(({ release }) => release === newest)?.reasons ?? [];
  const why = reasons.length === 0 ? '' : `, which ${reasonWords(reasons, 1)}`;
  return h('p', {}, 'The newest release is ', nameRelease(newest), `${why}.`);
}

function warnings({ gets, missingProgram, runnable }: Offer): Piece[] {
  if (gets === undefined) return [];
  const found: Piece[] = [];
  if (missingProgram !== undefined) {
    found.push([
      nameRelease(gets),
      ` has ${missingProgram}, so it would not start there.`,
      runnable && [
        ' The newest release that does is ',
        nameRelease(runnable),
        ': upload its bundle.',
      ],
    ]);
  }
  if (!gets.isInstallable) {
    found.push([nameRelease(gets), ' is listed, but servers do not install it from here.']);
  }
  return found;
}

function listExcluded({ excluded }: Offer): Piece {
  if (excluded.length === 0) return undefined;
  const byReasons = new Map<string, Offer['excluded'][number][]>();
  for (const each of excluded) {
    const key = reasonWords(each.reasons, 1);
    byReasons.set(key, [...(byReasons.get(key) ?? []), each]);
  }
  return h(
    'details',
    {},
    h('summary', {}, `${count(excluded.length, 'release')} not for this server`),
    h(
      'ul',
      { class: 'excluded', role: 'list' },
      [...byReasons.values()].map((found) =>
        h(
          'li',
          {},
          found.map(({ release }, i) => [i === 0 ? '' : ', ', nameRelease(release)]),
          ` ${reasonWords(found[0]?.reasons ?? [], found.length)}`,
        ),
      ),
    ),
  );
}
