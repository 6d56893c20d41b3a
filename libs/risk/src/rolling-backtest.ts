import { type Fault, fail, type Result } from '@cerberus/core';
import { type GarchParameters, type Series, tailProbability } from '@cerberus/stats';
import {
  type BaselVerdict,
  baselTrafficLight,
  type ChristoffersenTest,
  christoffersenTest,
  type KupiecTest,
  kupiecTest,
} from './coverage-tests.ts';
import { check } from './errors.ts';
import { backtestShortfall, type ShortfallBacktest } from './shortfall-test.ts';
import { forecastVar, stationaryGarch, type VarModel } from './var-forecast.ts';

export interface RollingBacktest {
  /** Row of the first forecast in the returns. */
  readonly firstRow: number;
  readonly valueAtRisk: Float64Array;
  readonly expectedShortfall: Float64Array;
  /** Loss beyond the value at risk, one per forecast. */
  readonly hits: readonly boolean[];
  readonly kupiec: KupiecTest;
  readonly christoffersen: ChristoffersenTest;
  /** Over the last 250 forecasts, or all where there are fewer. */
  readonly trafficLight: BaselVerdict;
  readonly shortfall: ShortfallBacktest;
}

export interface RollingOptions {
  readonly model: VarModel;
  readonly confidence: number;
  /** Returns that each forecast sees; 500 by default. */
  readonly window?: number;
  /** Forecasts between two estimations of the GARCH parameters; 20 by default. */
  readonly refitEvery?: number;
}

const WINDOW_DEFAULT = 500;
const REFIT_DEFAULT = 20;
const BASEL_WINDOW = 250;

/**
 * Out-of-sample backtest: each day's value at risk from the `window` returns before it, against the
 * return of the day.
 */
export function rollingBacktest(returns: Series, options: RollingOptions): Result<RollingBacktest> {
  const { confidence, window = WINDOW_DEFAULT, refitEvery = REFIT_DEFAULT } = options;
  const fault =
    check.probability(confidence, 'confidence') ??
    check.number(window, 'window', { atLeast: 30, integer: true }) ??
    check.number(refitEvery, 'refitEvery', { atLeast: 1, integer: true }) ??
    check.series(returns, 'returns', { minimumLength: window + 2, varying: true });
  if (fault !== undefined) return fail(fault);
  const count = returns.length - window;
  const valueAtRisk = new Float64Array(count);
  const expectedShortfall = new Float64Array(count);
  const all = Float64Array.from(returns);
  let parameters: GarchParameters | undefined;
  for (let day = 0; day < count; day++) {
    const past = all.subarray(day, day + window);
    let model = options.model;
    if (model.kind === 'filtered-garch' && model.parameters === undefined) {
      if (parameters === undefined || day % refitEvery === 0) {
        const fit = stationaryGarch(past);
        if (!fit.ok) return fail(at(fit.error, day + window));
        parameters = fit.value;
      }
      model = { kind: 'filtered-garch', parameters };
    }
    const risk = forecastVar(past, model, confidence);
    if (!risk.ok) return fail(at(risk.error, day + window));
    valueAtRisk[day] = risk.value.valueAtRisk;
    expectedShortfall[day] = risk.value.expectedShortfall;
  }
  return judge({ pnl: all.subarray(window), valueAtRisk, expectedShortfall, confidence, window });
}

function at(fault: Fault, row: number): Fault {
  return { ...fault, path: `forecast of row ${row}: ${fault.path ?? 'returns'}` };
}

function judge(inputs: {
  readonly pnl: Float64Array;
  readonly valueAtRisk: Float64Array;
  readonly expectedShortfall: Float64Array;
  readonly confidence: number;
  readonly window: number;
}): Result<RollingBacktest> {
  const { pnl, valueAtRisk, expectedShortfall, confidence, window } = inputs;
  const p = tailProbability(confidence);
  const hits = Array.from(pnl, (r, t) => -r > valueAtRisk[t]!);
  const exceptions = hits.filter(Boolean).length;
  const kupiec = kupiecTest(hits.length, exceptions, p);
  if (!kupiec.ok) return kupiec;
  const christoffersen = christoffersenTest(hits, p);
  if (!christoffersen.ok) return christoffersen;
  const recent = hits.slice(-BASEL_WINDOW);
  const trafficLight = baselTrafficLight(recent.length, recent.filter(Boolean).length, p);
  if (!trafficLight.ok) return trafficLight;
  const shortfall = backtestShortfall({ pnl, valueAtRisk, expectedShortfall, probability: p });
  if (!shortfall.ok) return shortfall;
  return check.result({
    firstRow: window,
    valueAtRisk,
    expectedShortfall,
    hits,
    kupiec: kupiec.value,
    christoffersen: christoffersen.value,
    trafficLight: trafficLight.value,
    shortfall: shortfall.value,
  });
}
