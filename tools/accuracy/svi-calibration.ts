import { type Deviation, deviations, ratioOf } from './deviation.ts';

type Values = Readonly<Record<string, unknown>>;
interface Item {
  readonly inputs: Values;
  readonly expected: Values;
}

/** Raw SVI, w(k) = a + b(ρ(k − m) + √((k − m)² + σ²)), written out so that the judge shares no code. */
function totalVariance(slice: Values, k: number): number {
  const [a, b, rho, m, sigma] = ['a', 'b', 'rho', 'm', 'sigma'].map((name) =>
    Number(slice[name]),
  ) as [number, number, number, number, number];
  return a + b * (rho * (k - m) + Math.hypot(k - m, sigma));
}

/** Largest difference of two slices over the quotes, in units of a tolerance. */
function distance({ inputs, expected }: Item, computed: Values, tolerance: number): Deviation {
  const gaps = (inputs['k'] as number[]).map((k) =>
    Math.abs(totalVariance(computed, k) - totalVariance(expected, k)),
  );
  return { path: 'w(k)', ratio: Math.max(...gaps) / tolerance };
}

export function exactCalibration(item: Item, computed: Values): Deviation[] {
  const { rmse_total_variance: _, ...parameters } = item.expected;
  const fit = deviations(computed, parameters, () => ({ relative: 1e-4, absolute: 1e-4 }));
  return [distance(item, computed, 1e-8), ...fit];
}

/** Parameters of noisy data are not determined: the objective must not be worse, nor the curve elsewhere. */
export function noisyCalibration(item: Item, computed: Values): Deviation[] {
  const name = 'sum_squared_error';
  const [sum, best] = [computed[name] as number, item.expected[name] as number];
  const ratio = sum <= best ? 0 : ratioOf(sum, best, { relative: 0.01 });
  return [distance(item, computed, 1e-4), { path: name, ratio }];
}
