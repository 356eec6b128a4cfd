const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The day of a time in UTC, for programs and for people: `2024-05-17` and `17 May 2024`. */
export interface Day {
  readonly iso: string;
  readonly words: string;
}

/**
 * The day of an RFC 3339 time; undefined for the time that stands for none. Not in the reader's own zone and language, so that
 * the same page is the same everywhere.
 */
export function formatDay(time: string): Day | undefined {
  const parsed = new Date(time);
  // A leap second is a time that Date does not know.
  const iso = (Number.isNaN(parsed.getTime()) ? time : parsed.toISOString()).slice(0, 10);
  const [year = '', month = '', day = ''] = iso.split('-');
  if (year === '0001') return undefined;
  return { iso, words: `${Number(day)} ${MONTHS[Number(month) - 1]} ${Number(year)}` };
}
