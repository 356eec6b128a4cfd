/**
 * The shape of an RFC 3339 date-time as Go's JSON reads it: `2024-05-17T14:42:33.013737Z`, `2024-05-17T14:42:33+02:00`.
 * The JSON Schema uses it too, so it has no flags.
 */
export const DATE_TIME =
  /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$/;

/**
 * Whether a date-time of that shape is in the calendar, which `2023-02-29` is not, and in UTC within the years 1 to 9999: what is
 * beyond them has no date-time of that shape in UTC.
 */
export function isInCalendar(dateTime: string): boolean {
  const day = dateTime.slice(0, 'yyyy-mm-dd'.length);
  return toIso(`${day}T00:00:00Z`).startsWith(day) && /^(?!0000)[0-9]{4}-/.test(toIso(dateTime));
}

/** Empty if the time does not exist. */
function toIso(dateTime: string): string {
  const milliseconds = Date.parse(dateTime);
  return Number.isNaN(milliseconds) ? '' : new Date(milliseconds).toISOString();
}
