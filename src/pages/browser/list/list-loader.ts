import { offeredPlugins } from '../../shared/list/offered-plugins.ts';
import { search } from '../../shared/list/search.ts';
import { readSlimList, type SlimList } from '../../shared/list/slim-list.ts';
import type { ListSource } from '../../shared/list-view.ts';
import type { ListedPlugin } from '../../shared/listed-plugin.ts';
import { offerQuery, type ServerView } from '../../shared/view-state.ts';

/** Patience with a server that does not answer. */
const PATIENCE_MS = 10_000;

/** What is shown, with the plugins that are represented by their newest release. */
export interface NewestSource extends ListSource<ListedPlugin> {
  readonly newest: ReadonlySet<ListedPlugin>;
}

/** The file with what decides what servers are offered. */
export interface ListLoader {
  /** What there is for a server, or for all of them; undefined while the file is not loaded. */
  sourceFor(server: ServerView | undefined): NewestSource | undefined;
  /** Loads it, once. Rejects where it cannot be had; then it can be tried again. */
  load(): Promise<void>;
}

/**
 * @param root the address of the site
 * @param path that of the file, from there
 */
export function listLoader(root: URL, path: string): ListLoader {
  let sources: ReturnType<typeof readSources> | undefined;
  let loading: Promise<void> | undefined;

  async function load(): Promise<void> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), PATIENCE_MS);
    try {
      const response = await fetch(new URL(path, root), { signal: controller.signal });
      if (!response.ok) throw new Error(`status ${response.status}`);
      sources = readSources(await response.json());
    } catch (error) {
      loading = undefined;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    sourceFor: (server) => sources?.(server),
    load: () => {
      loading ??= load();
      return loading;
    },
  };
}

function readSources(list: SlimList): (server: ServerView | undefined) => NewestSource {
  const plugins = readSlimList(list);
  const every = offeredPlugins(plugins, undefined);
  // Finds nothing, but reads all texts now rather than with the first letter that is typed.
  search(every, '\0\0\0\0');
  const [lowest] = plugins.flat().sort((a, b) => (a.minServerKey < b.minServerKey ? -1 : 1));
  const oldest = lowest?.release.min_server_version ?? '';
  const newest = new Set(every);
  const known = new Map<string, readonly ListedPlugin[]>();
  return (server) => {
    if (server === undefined) return { offered: every, every, oldest, newest };
    const query = offerQuery(server);
    const offered = known.get(query) ?? offeredPlugins(plugins, server);
    known.set(query, offered);
    return { offered, every, oldest, newest };
  };
}
