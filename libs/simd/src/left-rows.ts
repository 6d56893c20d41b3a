import { fail, ok, type Result } from '@cerberus/core';
import type { EuropeanColumns } from '@cerberus/pricing';

/** Above this share of rows left, the scalar kernel takes the whole batch. */
const LEFT_SHARE_MAX = 1 / 16;

/**
 * Has the scalar kernel compute the rows that the vector kernel left, in ascending order; the first fault
 * ends the batch and names its row.
 */
export function finishRows<T extends object>(
  { count, rows }: { readonly count: number; readonly rows: Int32Array },
  [options, values, compute]: readonly [
    EuropeanColumns,
    T,
    (options: EuropeanColumns, values: T) => Result<number>,
  ],
): Result<number> {
  if (rows.length > count * LEFT_SHARE_MAX) {
    return compute(part(options, 0, count), part(values, 0, count));
  }
  for (const row of rows) {
    const done = compute(part(options, row, row + 1), part(values, row, row + 1));
    if (done.ok) continue;
    // The scalar kernel saw one row; the caller's has this number.
    const path = (done.error.path ?? '').replace(/^row 0/, `row ${row}`);
    return fail({ ...done.error, path });
  }
  return ok(count);
}

/** The same columns, rows `from` to `to` − 1. */
function part<T extends object>(columns: T, from: number, to: number): T {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      (column as Float64Array).subarray(from, to),
    ]),
  ) as T;
}
