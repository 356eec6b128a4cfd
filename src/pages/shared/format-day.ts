const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The day of a time in UTC, for programs and for people: `2024-05-17` and `17 May 2024`. */
export interface Day {
  readonly iso: string;
  readonly words: string;
}

/**
 * The day of a time as catalogs have them; undefined for the time that stands for none. Not in the reader's own zone and language, so that
 * the same page is the same everywhere.
 */
export function formatDay(time: string): Day | undefined {
  const iso = new Date(time).toISOString().slice(0, 10);
  const [year = '', month = '', day = ''] = iso.split('-');
  if (year === '0001') return undefined;
  return { iso, words: `${Number(day)} ${MONTHS[Number(month) - 1]} ${Number(year)}` };
}
