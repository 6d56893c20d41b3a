const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The n-th Sunday of a month, as a day of the month. */
function sunday(year: number, month: number, nth: number): number {
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
  return 1 + ((7 - first) % 7) + 7 * (nth - 1);
}

/**
 * Milliseconds of a New York wall-clock time by the rule in force since 2007: daylight time from the
 * second Sunday of March to the first Sunday of November.
 */
export function newYorkMs(
  date: { readonly year: number; readonly month: number; readonly day: number },
  hour: number,
  minute = 0,
): number {
  const { year, month, day } = date;
  const start = Date.UTC(year, 2, sunday(year, 2, 2));
  const end = Date.UTC(year, 10, sunday(year, 10, 1));
  const midnight = Date.UTC(year, month - 1, day);
  const isSummer = midnight >= start && midnight < end;
  return midnight + (hour + (isSummer ? 4 : 5)) * HOUR_MS + minute * 60_000;
}

const CLOSE_HOUR = 16;

/** The given moment, or the last weekday's 16:00 close before it where the market was shut. */
export function lastTradingMoment(ms: number): number {
  for (let back = 0; back < 7; back++) {
    const day = new Date(ms - 5 * HOUR_MS - back * DAY_MS);
    if (day.getUTCDay() === 0 || day.getUTCDay() === 6) continue;
    const date = {
      year: day.getUTCFullYear(),
      month: day.getUTCMonth() + 1,
      day: day.getUTCDate(),
    };
    const close = newYorkMs(date, CLOSE_HOUR);
    const open = newYorkMs(date, 9, 30);
    if (back === 0 && ms >= open && ms <= close) return ms;
    if (close <= ms) return close;
  }
  return ms;
}

/** `2022-06-17` as a date; undefined where the text is none. */
export function isoDate(text: string) {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(text);
  if (match === null) return undefined;
  return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
}

/** Index options that settle on the opening prices of their expiry day. */
const MORNING_ROOTS = new Set(['SPX', 'NDX', 'RUT', 'VIX', 'DJX']);

/** Expiry of a US option: 09:30 New York for morning-settled index roots, else 16:00. */
export function usExpiryMs(
  root: string,
  date: { readonly year: number; readonly month: number; readonly day: number },
): number {
  return MORNING_ROOTS.has(root) ? newYorkMs(date, 9, 30) : newYorkMs(date, CLOSE_HOUR);
}
