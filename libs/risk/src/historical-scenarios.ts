import { fail, type Result } from '@cerberus/core';
import { argumentFault, type Series } from '@cerberus/stats';
import { check, RISK_ERRORS } from './errors.ts';
import type { Revaluation } from './monte-carlo.ts';

/** Most scenario cells (rows times factors) of one call. */
export const SCENARIO_CELLS_MAX = 50_000_000;

/**
 * P&L of today's book under each day of history by full revaluation: one column of moves per factor, in
 * the order of the revaluation's factors and in time order, all of one length. Columns may be plain
 * returns or the filtered scenarios of `filteredScenarios`; taking row t of every column together keeps the
 * dependence of the factors.
 */
export function historicalScenarioPnl(
  columns: readonly Series[],
  revalue: Revaluation,
): Result<Float64Array> {
  const size = columns.length;
  const rows = columns[0]?.length ?? 0;
  const fault =
    check.number(size, 'columns.length', { atLeast: 1 }) ??
    check.number(rows * size, 'cells', { atLeast: 1, atMost: SCENARIO_CELLS_MAX });
  if (fault !== undefined) return fail(fault);
  const moves = new Float64Array(rows * size);
  for (const [i, column] of columns.entries()) {
    const wrong =
      check.series(column, `columns[${i}]`) ?? check.length(column, `columns[${i}]`, rows);
    if (wrong !== undefined) return fail(wrong);
    for (let t = 0; t < rows; t++) moves[t * size + i] = column[t]!;
  }
  const pnl = new Float64Array(rows);
  revalue(moves, rows, pnl);
  const broken = pnl.findIndex((value) => !Number.isFinite(value));
  if (broken === -1) return check.result(pnl);
  return fail(
    argumentFault(RISK_ERRORS.REVALUATION_NOT_FINITE, `scenario ${broken}`, {
      expected: 'a finite P&L',
      received: pnl[broken]!,
    }),
  );
}
