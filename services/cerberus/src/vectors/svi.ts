import { unwrap } from '@cerberus/core';
import {
  densityOfLogMoneyness,
  durrleman,
  fitSvi,
  jumpWingsFromRaw,
  naturalFromRaw,
  rawFromSsvi,
  type SviRaw,
  ssviConditions,
  sviButterfly,
  sviCalendar,
  sviMinimum,
  sviPoint,
  sviTotalVariance,
  variancePoint,
} from '@cerberus/surface';
import { numberOf, numbersOf, valuesOrCode } from './case-inputs.ts';
import type { VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

function rawOf(inputs: Inputs): SviRaw {
  const [a, b, rho, m, sigma] = ['a', 'b', 'rho', 'm', 'sigma'].map((name) =>
    numberOf(inputs, name),
  ) as [number, number, number, number, number];
  return { a, b, rho, m, sigma };
}

function butterflyValues(slice: SviRaw): Inputs {
  const verdict = sviButterfly(slice, [-3, 3]);
  return {
    g_min_on_m3_p3: verdict.minimum,
    g_argmin: verdict.at,
    g_zero_crossings_on_m3_p3: verdict.crossings,
    butterfly_arbitrage_free: verdict.isFree,
  };
}

function sliceValues(inputs: Inputs): Inputs {
  const slice = rawOf(inputs);
  const timeYears = numberOf(inputs, 'T');
  const minimum = sviMinimum(slice);
  const places = numbersOf(inputs, 'k');
  const totalVariance = places.map((k) => sviTotalVariance(slice, k));
  const base = { min_total_variance: minimum, total_variance: totalVariance };
  if (!(minimum > 0)) return { ...base, valid: false, butterfly_arbitrage_free: false };
  const points = places.map((k) => ({ k, point: sviPoint(slice, k, variancePoint()) }));
  const natural = naturalFromRaw(slice);
  const wings = jumpWingsFromRaw(slice, timeYears);
  return {
    ...base,
    implied_vol: totalVariance.map((w) => Math.sqrt(w / timeYears)),
    dw_dk: points.map(({ point }) => point.slope),
    d2w_dk2: points.map(({ point }) => point.curvature),
    g: points.map(({ k, point }) => durrleman(k, point)),
    density_of_log_moneyness: points.map(({ k, point }) => densityOfLogMoneyness(k, point)),
    ...butterflyValues(slice),
    ...(wings.ok ? { jump_wing: { ...wings.value, v_tilde: wings.value.vTilde } } : {}),
    ...(natural.ok ? { natural: { ...natural.value, Delta: natural.value.delta } } : {}),
  };
}

function calendarValues(inputs: Inputs): Inputs {
  const check = sviCalendar(
    rawOf(inputs['slice_short'] as Inputs),
    rawOf(inputs['slice_long'] as Inputs),
    [-5, 5],
  );
  return {
    calendar_arbitrage_free: check.isFree,
    wing_slopes_ordered: check.areWingsOrdered,
    crossings_k_on_m5_p5: check.crossings,
    min_difference_on_grid: check.minimum,
  };
}

function ssviValues(inputs: Inputs): Inputs {
  const [theta, rho, phi] = ['theta', 'rho', 'phi'].map((name) => numberOf(inputs, name)) as [
    number,
    number,
    number,
  ];
  const raw = unwrap(rawFromSsvi({ theta, rho, phi }));
  const conditions = ssviConditions({ theta, rho, phi });
  return {
    total_variance: numbersOf(inputs, 'k').map((k) => sviTotalVariance(raw, k)),
    raw,
    theta_phi_1_plus_abs_rho: conditions.wing,
    theta_phi2_1_plus_abs_rho: conditions.centre,
    sufficient_condition_holds: conditions.isSufficient,
    necessary_wing_condition_holds: conditions.isNecessary,
    ...butterflyValues(raw),
  };
}

function calibrationValues(inputs: Inputs): Inputs {
  const fit = unwrap(
    fitSvi({
      logMoneyness: numbersOf(inputs, 'k'),
      totalVariance: numbersOf(inputs, 'total_variance'),
    }),
  );
  return {
    ...fit.slice,
    sum_squared_error: fit.sumSquaredError,
    rmse_total_variance: fit.rmse,
  };
}

/** SVI and SSVI: values, derivatives, conversions, verdicts and calibration. */
export const svi: VectorTopic = {
  file: 'svi.json',
  evaluate: (inputs) =>
    valuesOrCode(() => {
      if (inputs['slice_short'] !== undefined) return calendarValues(inputs);
      if (inputs['theta'] !== undefined) return ssviValues(inputs);
      if (inputs['total_variance'] !== undefined) return calibrationValues(inputs);
      return sliceValues(inputs);
    }),
};
