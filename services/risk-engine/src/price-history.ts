import type { Bar } from '@cerberus/schema';

const DAY_US = 86_400_000_000;

export interface ReturnMatrix {
  readonly underlyings: readonly string[];
  /** Log returns by underlying, oldest first, over days on which every one of them has a close. */
  readonly returns: readonly Float64Array[];
}

/** Daily closes by underlying. */
export class PriceHistory {
  readonly #closes = new Map<string, Map<number, number>>();
  /** Grows with every change, so that what is derived can be kept until then. */
  revision = 0;

  onBar(underlying: string, bar: Bar): void {
    if (bar.interval !== '1d' || !bar.complete) return;
    this.add(underlying, Math.floor(bar.open_time / DAY_US), bar.close);
  }

  add(underlying: string, day: number, close: number): void {
    if (!(close > 0) || !Number.isFinite(close)) return;
    const closes = this.#closes.get(underlying) ?? new Map<number, number>();
    this.#closes.set(underlying, closes);
    if (closes.get(day) === close) return;
    closes.set(day, close);
    this.revision += 1;
  }

  days(underlying: string): number {
    return Math.max(0, (this.#closes.get(underlying)?.size ?? 0) - 1);
  }

  /** The last `most` joint returns; undefined when fewer than `fewest` days are shared by all. */
  joint(
    underlyings: readonly string[],
    { most, fewest }: { readonly most: number; readonly fewest: number },
  ): ReturnMatrix | undefined {
    const series = underlyings.map((name) => this.#closes.get(name));
    const [first] = series;
    if (first === undefined || series.some((closes) => closes === undefined)) return undefined;
    const days = [...first.keys()]
      .filter((day) => series.every((closes) => closes!.has(day)))
      .sort((a, b) => a - b)
      .slice(-(most + 1));
    if (days.length - 1 < fewest) return undefined;
    const returns = series.map((closes) =>
      Float64Array.from({ length: days.length - 1 }, (_, index) =>
        Math.log(closes!.get(days[index + 1]!)! / closes!.get(days[index]!)!),
      ),
    );
    return { underlyings, returns };
  }
}
