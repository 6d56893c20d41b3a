import { ok, type Result } from '@cerberus/core';
import { finiteDifferences, type GridOption, type GridValues } from './finite-differences.ts';
import { DAYS_PER_YEAR, type Greeks } from './greeks.ts';

const VOLATILITY_STEP = 0.03;
const RATE_STEP = 1e-3;
const SPOT_STEP = 0.01;
const TIME_STEP = 0.02;
const STRIKE_STEP = 0.01;

/**
 * All Greeks of an option on the finite-difference grid: delta, gamma and theta from the grid itself,
 * the others by central differences of whole solutions. Smooth because grid, spot and strike stay
 * aligned as they move; third-order ones carry two to three digits.
 */
export function gridGreeks(option: GridOption): Result<Greeks> {
  const { spot, strike, volatility, timeYears, rate, dividendYield } = option;
  const base = finiteDifferences(option);
  if (!base.ok) return base;
  const h = VOLATILITY_STEP * volatility;
  const s = SPOT_STEP * spot;
  const k = STRIKE_STEP * strike;
  const dividendHorizon = Math.max(0, ...(option.dividends ?? []).map((item) => item.timeYears));
  const t = Math.min(TIME_STEP * timeYears, 0.5 * (timeYears - dividendHorizon));
  const changes: Partial<GridOption>[] = [
    { volatility: volatility + h },
    { volatility: volatility - h },
    { volatility: volatility + 2 * h },
    { volatility: volatility - 2 * h },
    { spot: spot + s },
    { spot: spot - s },
    { rate: rate + RATE_STEP },
    { rate: rate - RATE_STEP },
    { dividendYield: dividendYield + RATE_STEP },
    { dividendYield: dividendYield - RATE_STEP },
    { timeYears: timeYears + t },
    { timeYears: timeYears - t },
    { strike: strike + k },
    { strike: strike - k },
  ];
  const solved: GridValues[] = [];
  for (const change of changes) {
    const values = finiteDifferences({ ...option, ...change });
    if (!values.ok) return values;
    solved.push(values.value);
  }
  return ok(differences(base.value, solved, { h, s, k, t }));
}

interface Steps {
  readonly h: number;
  readonly s: number;
  readonly k: number;
  readonly t: number;
}

function differences(base: GridValues, solved: readonly GridValues[], steps: Steps): Greeks {
  const { h, s, k, t } = steps;
  const [volUp, volDown, volTop, volBottom, spotUp, spotDown] = solved as [
    GridValues,
    GridValues,
    GridValues,
    GridValues,
    GridValues,
    GridValues,
  ];
  const [rateUp, rateDown, yieldUp, yieldDown] = solved.slice(6, 10) as [
    GridValues,
    GridValues,
    GridValues,
    GridValues,
  ];
  const [later, sooner, strikeUp, strikeDown] = solved.slice(10) as [
    GridValues,
    GridValues,
    GridValues,
    GridValues,
  ];
  const central = (up: number, down: number, step: number) => (up - down) / (2 * step);
  // Calendar time runs against time to expiry.
  const perDay = -1 / DAYS_PER_YEAR;
  const vegaNear = central(volUp.price, volDown.price, h);
  return {
    price: base.price,
    delta: base.delta,
    gamma: base.gamma,
    theta: base.theta,
    vega: (4 * vegaNear - central(volTop.price, volBottom.price, 2 * h)) / 3,
    rho: central(rateUp.price, rateDown.price, RATE_STEP),
    dividendRho: central(yieldUp.price, yieldDown.price, RATE_STEP),
    vanna: central(volUp.delta, volDown.delta, h),
    volga: (volUp.price - 2 * base.price + volDown.price) / (h * h),
    charm: central(later.delta, sooner.delta, t) * perDay,
    // The slope of theta in volatility, by the symmetry of derivatives.
    veta: central(volUp.theta, volDown.theta, h),
    speed: central(spotUp.gamma, spotDown.gamma, s),
    zomma: central(volUp.gamma, volDown.gamma, h),
    color: central(later.gamma, sooner.gamma, t) * perDay,
    ultima: (volTop.price - volBottom.price - 2 * (volUp.price - volDown.price)) / (2 * h ** 3),
    dualDelta: central(strikeUp.price, strikeDown.price, k),
    dualGamma: (strikeUp.price - 2 * base.price + strikeDown.price) / (k * k),
  };
}
