import { CerberusError, faultOf } from '@cerberus/core';
import {
  historySeries,
  INTERVAL_US,
  readSeries,
  type SeriesDefinition,
  type SeriesInterval,
  type SeriesPoint,
  type SeriesPosition,
  type Store,
} from '@cerberus/store';
import { decodeCursor, encodeCursor, HttpProblem, WEB_ERRORS } from '@cerberus/web';
import { GATEWAY_ERRORS } from '../errors.ts';
import type { TimeRange } from '../model/time-range.ts';

/** Reads of history at once: they take long, and the connections are those of keys and orders too. */
const READS_MOST = 2;
/** Reads that may wait for their turn; one more is refused. */
const WAITING_MOST = 64;

export interface HistoryQuery extends TimeRange {
  readonly interval: SeriesInterval;
  readonly key: Readonly<Record<string, string>>;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface HistoryPage {
  readonly points: readonly SeriesPoint[];
  readonly nextCursor: string | null;
}

/** What the reporting service wrote, page by page from old to new. */
export class HistoryStore {
  readonly riskMetrics: SeriesDefinition;
  readonly bars: SeriesDefinition;
  readonly #store: Store;
  readonly #waiting: (() => void)[] = [];
  #reading = 0;

  constructor(store: Store) {
    const { riskMetrics, bars } = historySeries();
    this.riskMetrics = riskMetrics;
    this.bars = bars;
    this.#store = store;
  }

  async read(series: SeriesDefinition, query: HistoryQuery): Promise<HistoryPage> {
    const { cursor, limit, ...wanted } = query;
    const after = cursor === undefined ? undefined : positionOf(series, cursor);
    await this.#turn();
    try {
      const found = await readSeries(this.#store, series, { ...wanted, limit: limit + 1, after });
      const points = found.slice(0, limit);
      const last = points.at(-1);
      const isMore = found.length > limit && last !== undefined;
      return { points, nextCursor: isMore ? encodeCursor([last.timeUs, ...last.key]) : null };
    } finally {
      this.#reading -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#waiting.length >= WAITING_MOST) {
      throw new CerberusError(faultOf(GATEWAY_ERRORS.HISTORY_BUSY));
    }
    while (this.#reading >= READS_MOST) {
      await new Promise<void>((begin) => this.#waiting.push(begin));
    }
    this.#reading += 1;
  }
}

function positionOf({ key }: SeriesDefinition, cursor: string): SeriesPosition {
  const [timeUs, ...values] = decodeCursor(cursor, key.length + 1);
  if (typeof timeUs === 'number' && Number.isSafeInteger(timeUs)) {
    return { timeUs, key: values.map(String) };
  }
  const expected = 'next_cursor of an earlier page';
  throw new HttpProblem(WEB_ERRORS.CURSOR_INVALID, {
    errors: [{ path: 'query.cursor', expected, received: cursor }],
  });
}

/** Up to when a point knows: a roll-up to the end of its bucket, the one at hand to now. */
export function coveredUntilUs(
  { timeUs }: SeriesPoint,
  interval: SeriesInterval,
  nowUs: number,
): number {
  return interval === 'raw' ? timeUs : Math.min(nowUs, timeUs + INTERVAL_US[interval]);
}

/** Roll-ups follow the rows by seconds; a bucket that has just ended may still change. */
const SETTLE_US = 15_000_000;

export function isComplete(
  { timeUs }: SeriesPoint,
  interval: Exclude<SeriesInterval, 'raw'>,
  nowUs: number,
): boolean {
  return timeUs + INTERVAL_US[interval] + SETTLE_US <= nowUs;
}
