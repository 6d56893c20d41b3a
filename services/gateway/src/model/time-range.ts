import type { SeriesInterval } from '@cerberus/store';
import { HttpProblem } from '@cerberus/web';
import { GATEWAY_ERRORS } from '../errors.ts';

/** From the moment on, up to but without the other; microseconds. */
export interface TimeRange {
  readonly fromUs: number;
  readonly toUs: number;
}

const HOUR_US = 3_600_000_000;

/** How far back an answer goes where nothing is said of it: some hundred points of each interval. */
const BACK_US: Readonly<Record<SeriesInterval, number>> = {
  raw: HOUR_US,
  '1m': 6 * HOUR_US,
  '1h': 14 * 24 * HOUR_US,
  '1d': 366 * 24 * HOUR_US,
};

/** A day, or a moment with its offset from UTC; digits beyond the microsecond are no time of ours. */
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.(\d{1,6}))?)?(Z|[+-]\d{2}:\d{2}))?$/;

export function readTimeRange(
  query: { readonly from?: string | undefined; readonly to?: string | undefined },
  interval: SeriesInterval,
  nowUs: number,
): TimeRange {
  const toUs = query.to === undefined ? nowUs : readTime(query.to, 'query.to');
  const fromUs =
    query.from === undefined
      ? Math.max(0, toUs - BACK_US[interval])
      : readTime(query.from, 'query.from');
  if (fromUs < toUs) return { fromUs, toUs };
  throw invalidRange('query.from', `a time before ${query.to ?? 'now'}`, query.from ?? 'nothing');
}

function readTime(text: string, path: string): number {
  const match = ISO.exec(text);
  const seconds = match?.[1] === undefined ? text : text.replace(/\.\d+/, '');
  const ms = match === null ? Number.NaN : Date.parse(seconds);
  const timeUs = ms * 1000 + Number((match?.[4] ?? '0').padEnd(6, '0'));
  if (Number.isSafeInteger(timeUs) && timeUs >= 0) return timeUs;
  throw invalidRange(path, 'an ISO 8601 time with its offset, e.g. 2026-11-21T08:00:00Z', text);
}

function invalidRange(path: string, expected: string, received: string): HttpProblem {
  return new HttpProblem(GATEWAY_ERRORS.RANGE_INVALID, {
    detail: `${path}: expected ${expected}, received ${received.slice(0, 80)}.`,
    errors: [{ path, expected, received: received.slice(0, 80) }],
  });
}
