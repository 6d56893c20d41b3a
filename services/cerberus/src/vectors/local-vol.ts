import {
  cevValue,
  forwardVolatilities,
  hestonValue,
  impliedVolatility,
  localVarianceOf,
} from '@cerberus/pricing';
import { hestonParametersOf } from './heston.ts';
import type { VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** Values by name for each strike, turned into columns by name. */
function columns(rows: readonly Readonly<Record<string, number>>[]): Inputs {
  const names = Object.keys(rows[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));
}

/**
 * The file's surface: θ(T) = θ∞T + (θ₀−θ∞)(1−e^{−κT})/κ, φ = η/(θ^γ(1+θ)^{1−γ}),
 * w = θ/2·{1 + ρφk + √((φk+ρ)² + 1−ρ²)}, with its derivatives in k and T in closed form.
 */
function ssviPoint(inputs: Inputs, k: number) {
  const number = (name: string) => inputs[name] as number;
  const [time, kappa, rho, eta, gamma] = ['T', 'theta_kappa', 'rho', 'eta', 'gamma'].map(
    number,
  ) as [number, number, number, number, number];
  const [initial, final] = [number('theta0_rate'), number('theta_inf_rate')];
  const theta = final * time - ((initial - final) * Math.expm1(-kappa * time)) / kappa;
  const thetaSlope = final + (initial - final) * Math.exp(-kappa * time);
  const phi = eta / (theta ** gamma * (1 + theta) ** (1 - gamma));
  const phiSlope = -phi * (gamma / theta + (1 - gamma) / (1 + theta));
  const root = Math.sqrt((phi * k + rho) ** 2 + 1 - rho * rho);
  const shape = 1 + rho * phi * k + root;
  const tilt = rho + (phi * k + rho) / root;
  return {
    logMoneyness: k,
    totalVariance: 0.5 * theta * shape,
    slope: 0.5 * theta * phi * tilt,
    curvature: (0.5 * theta * phi * phi * (1 - rho * rho)) / root ** 3,
    timeSlope: 0.5 * thetaSlope * (shape + theta * k * phiSlope * tilt),
  };
}

function impliedSurface(inputs: Inputs): Inputs {
  const rows: Record<string, number>[] = [];
  for (const k of inputs['k'] as number[]) {
    const point = ssviPoint(inputs, k);
    const local = localVarianceOf(point);
    if (!local.ok) return { error: local.error.code };
    rows.push({
      total_variance: point.totalVariance,
      dw_dk: point.slope,
      d2w_dk2: point.curvature,
      dw_dT: point.timeSlope,
      g: local.value.density,
      local_vol: local.value.localVolatility,
    });
  }
  return columns(rows);
}

function termStructure(inputs: Inputs): Inputs {
  const result = forwardVolatilities(inputs['T'] as number[], inputs['implied_vol'] as number[]);
  if (!result.ok) return { error: result.error.code };
  return {
    piecewise_forward_vol: result.value.volatilities,
    calendar_arbitrage_free: result.value.isCalendarFree,
  };
}

interface Market {
  readonly spot: number;
  readonly timeYears: number;
  readonly rate: number;
  readonly dividendYield: number;
}

function marketOf(inputs: Inputs): Market {
  const [spot, timeYears, rate, dividendYield] = ['S', 'T', 'r', 'q'].map(
    (name) => inputs[name] as number,
  ) as [number, number, number, number];
  return { spot, timeYears, rate, dividendYield };
}

function cev(inputs: Inputs): Inputs {
  const market = marketOf(inputs);
  const rows: Record<string, number>[] = [];
  for (const strike of inputs['strikes'] as number[]) {
    const value = cevValue({
      ...market,
      strike,
      scale: inputs['cev_sigma'] as number,
      elasticity: inputs['cev_beta'] as number,
    });
    if (!value.ok) return { error: value.error.code };
    const { call, put, localVolatility } = value.value;
    const isCall = strike >= market.spot;
    const implied = impliedVolatility({
      ...market,
      strike,
      kind: isCall ? 'call' : 'put',
      price: isCall ? call : put,
    });
    if (!implied.ok) return { error: implied.error.code };
    rows.push({ call, implied_vol: implied.value, local_vol: localVolatility });
  }
  return columns(rows);
}

function hestonImplied(inputs: Inputs): Inputs {
  const market = marketOf(inputs);
  const parameters = hestonParametersOf(inputs);
  const rows: Record<string, number>[] = [];
  for (const strike of inputs['strikes'] as number[]) {
    const value = hestonValue({ ...market, strike, parameters });
    if (!value.ok) return { error: value.error.code };
    rows.push({ local_vol: value.value.localVolatility });
  }
  return columns(rows);
}

/** Dupire's local volatility of four kinds of surface. */
export const localVol: VectorTopic = {
  file: 'local_vol.json',
  evaluate(inputs) {
    if (inputs['surface'] !== undefined) return impliedSurface(inputs);
    if (inputs['implied_vol'] !== undefined) return termStructure(inputs);
    if (inputs['cev_sigma'] !== undefined) return cev(inputs);
    return hestonImplied(inputs);
  },
};
