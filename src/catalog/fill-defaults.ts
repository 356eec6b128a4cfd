import type { Label, Release } from './release.ts';
import { type Entry, ZERO_TIME } from './schema.ts';

/**
 * An entry as a release: what was left out or `null` has its default, in the order of docs/api.md, then come the unknown fields in
 * theirs. The manifest is the very object of the entry, and a platform that is `null` counts as left out.
 */
export function fillDefaults(entry: Entry): Release {
  return withUnknown<Release>(entry, {
    homepage_url: entry.homepage_url ?? '',
    icon_data: entry.icon_data ?? '',
    download_url: entry.download_url ?? '',
    release_notes_url: entry.release_notes_url ?? '',
    hosting: entry.hosting ?? '',
    author_type: entry.author_type ?? '',
    release_stage: entry.release_stage ?? '',
    enterprise: entry.enterprise ?? false,
    signature: entry.signature ?? '',
    repo_name: entry.repo_name ?? '',
    labels: (entry.labels ?? []).map(fillLabel),
    manifest: entry.manifest,
    platforms: withoutNulls(entry.platforms ?? {}),
    updated_at: entry.updated_at ?? ZERO_TIME,
  });
}

function fillLabel(label: NonNullable<Entry['labels']>[number]): Label {
  return withUnknown<Label>(label, {
    name: label.name ?? '',
    description: label.description ?? '',
    url: label.url ?? '',
    color: label.color ?? '',
  });
}

/** `Object.fromEntries` keeps a field named `__proto__` a field, where an assignment would set the prototype. */
function withUnknown<Known extends object>(source: object, known: Known): Known {
  const unknown = Object.entries(source).filter(([key]) => !Object.hasOwn(known, key));
  return Object.fromEntries([...Object.entries(known), ...unknown]) as Known;
}

function withoutNulls<Value>(record: Record<string, Value>): Record<string, NonNullable<Value>> {
  const entries = Object.entries(record).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as Record<string, NonNullable<Value>>;
}
