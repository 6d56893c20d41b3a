import { fail, type Result } from '@cerberus/core';
import { columnsFault, type SquareMatrix, symmetric } from './covariance.ts';
import { argumentFault, STATS_ERRORS } from './errors.ts';
import { meanOf } from './moments.ts';
import { check, type Series } from './validation.ts';

export interface ShrunkCovariance {
  readonly covariance: SquareMatrix;
  /** Weight of the target, 0 to 1. */
  readonly intensity: number;
}

/** `identity`: mean variance on the diagonal; `constant-correlation`: own variances, mean correlation. */
export type ShrinkageTarget = 'identity' | 'constant-correlation';

/**
 * Ledoit-Wolf linear shrinkage of the sample covariance (divided by n): δF + (1−δ)S with the δ that
 * minimises the expected squared distance to the true matrix, estimated. Targets: multiple of the
 * identity (J. Multivariate Analysis 88 (2004) 365–411) and constant correlation ("Honey, I shrunk the
 * sample covariance matrix", J. Portfolio Management 30 (2004) 110–119, appendix B).
 */
export function ledoitWolf(
  columns: readonly Series[],
  target: ShrinkageTarget = 'identity',
): Result<ShrunkCovariance> {
  const fault = columnsFault(columns, 2);
  if (fault !== undefined) return fail(fault);
  for (const [i, column] of columns.entries()) {
    const constant = check.series(column, `columns[${i}]`, { varying: true });
    if (constant !== undefined) return fail(constant);
  }
  const centred = columns.map((column) => {
    const mean = meanOf(column);
    return Float64Array.from(column, (x) => x - mean);
  });
  const n = centred[0]!.length;
  const sample = symmetric(centred.length, (i, j) => {
    let sum = 0;
    for (let t = 0; t < n; t++) sum += centred[i]![t]! * centred[j]![t]!;
    return sum / n;
  });
  if (target === 'identity') return check.result(towardsIdentity(centred, sample));
  if (centred.length < 2) {
    return fail(
      argumentFault(STATS_ERRORS.TOO_SHORT, 'columns', {
        expected: 'at least 2 series for a mean correlation',
        received: centred.length,
      }),
    );
  }
  return check.result(towardsConstantCorrelation(centred, sample));
}

function blend(sample: SquareMatrix, target: SquareMatrix, intensity: number): ShrunkCovariance {
  const { size } = sample;
  const covariance = symmetric(size, (i, j) => {
    const k = i * size + j;
    return intensity * target.data[k]! + (1 - intensity) * sample.data[k]!;
  });
  return { covariance, intensity };
}

function towardsIdentity(centred: readonly Float64Array[], sample: SquareMatrix): ShrunkCovariance {
  const { size, data } = sample;
  const n = centred[0]!.length;
  let mean = 0;
  for (let i = 0; i < size; i++) mean += data[i * size + i]! / size;
  let distance = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) distance += (data[i * size + j]! - (i === j ? mean : 0)) ** 2;
  }
  // Σₜ ‖xₜxₜᵀ − S‖² = Σₜ (xₜᵀxₜ)² − n‖S‖².
  let fourth = 0;
  for (let t = 0; t < n; t++) {
    let square = 0;
    for (const column of centred) square += column[t]! ** 2;
    fourth += square * square;
  }
  let norm = 0;
  for (const s of data) norm += s * s;
  const noise = Math.max((fourth / n - norm) / n, 0);
  const intensity = distance === 0 ? 1 : Math.min(noise / distance, 1);
  return blend(
    sample,
    symmetric(size, (i, j) => (i === j ? mean : 0)),
    intensity,
  );
}

function towardsConstantCorrelation(
  centred: readonly Float64Array[],
  sample: SquareMatrix,
): ShrunkCovariance {
  const { size, data } = sample;
  const n = centred[0]!.length;
  const sd = Float64Array.from({ length: size }, (_, i) => Math.sqrt(data[i * size + i]!));
  let correlation = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) correlation += data[i * size + j]! / (sd[i]! * sd[j]!);
  }
  correlation /= (size * (size - 1)) / 2;
  const target = symmetric(size, (i, j) =>
    i === j ? data[i * size + i]! : correlation * sd[i]! * sd[j]!,
  );
  let pi = 0;
  let rho = 0;
  let gamma = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const k = i * size + j;
      const sums = crossFourths(centred, data, i, j);
      pi += sums.own / n;
      rho +=
        i === j
          ? sums.own / n
          : ((correlation / 2) *
              ((sd[j]! / sd[i]!) * sums.first + (sd[i]! / sd[j]!) * sums.second)) /
            n;
      gamma += (target.data[k]! - data[k]!) ** 2;
    }
  }
  const intensity = gamma === 0 ? 1 : Math.min(Math.max((pi - rho) / gamma / n, 0), 1);
  return blend(sample, target, intensity);
}

/** Σₜ of (xᵢxⱼ − sᵢⱼ)², (xᵢ² − sᵢᵢ)(xᵢxⱼ − sᵢⱼ) and (xⱼ² − sⱼⱼ)(xᵢxⱼ − sᵢⱼ). */
function crossFourths(
  centred: readonly Float64Array[],
  data: Float64Array,
  i: number,
  j: number,
): { own: number; first: number; second: number } {
  const size = centred.length;
  const a = centred[i]!;
  const b = centred[j]!;
  const sums = { own: 0, first: 0, second: 0 };
  for (let t = 0; t < a.length; t++) {
    const cross = a[t]! * b[t]! - data[i * size + j]!;
    sums.own += cross * cross;
    sums.first += (a[t]! * a[t]! - data[i * size + i]!) * cross;
    sums.second += (b[t]! * b[t]! - data[j * size + j]!) * cross;
  }
  return sums;
}
