import { describe, expect, test } from '@jest/globals';
import { BoundedSeries } from '../../src/display/bounded-series.ts';

function series(capacity: number): BoundedSeries {
  return new BoundedSeries({ columns: 1, capacity, spacingMs: 1000 });
}
const sample = (timeMs: number) => ({ timeMs, values: [timeMs] });

describe('BoundedSeries.prepend', () => {
  test('puts older samples in front and leaves what is there', () => {
    const history = series(10);
    history.push(5000, [5000]);
    history.push(6000, [6000]);
    const { version } = history;
    history.prepend([sample(3000), sample(4000), sample(5000), sample(5500)]);
    expect(history.timesS).toEqual([3, 4, 5, 6]);
    expect(history.columns).toEqual([[3000, 4000, 5000, 6000]]);
    expect(history.version).toBeGreaterThan(version);
    // What comes next still falls into the slot that was open.
    history.push(6500, [6500]);
    expect(history.columns[0]).toEqual([3000, 4000, 5000, 6500]);
  });

  test('keeps to its capacity: the oldest are left out', () => {
    const history = series(3);
    history.push(5000, [5000]);
    history.prepend([sample(1000), sample(2000), sample(3000)]);
    expect(history.timesS).toEqual([2, 3, 5]);
    history.prepend([sample(1)]);
    expect(history.timesS).toEqual([2, 3, 5]);
  });
});
