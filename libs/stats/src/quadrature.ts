import { fail, ok, type Result } from '@cerberus/core';
import { argumentFault, STATS_ERRORS } from './errors.ts';

/** Nodes of the 15-point Kronrod rule on [0, 1] of its half; every other one belongs to Gauss 7. */
const NODES = [
  0.9914553711208126, 0.9491079123427585, 0.8648644233597691, 0.7415311855993945,
  0.5860872354676911, 0.4058451513773972, 0.20778495500789848, 0,
];
const KRONROD = [
  0.022935322010529224, 0.06309209262997856, 0.10479001032225019, 0.14065325971552592,
  0.1690047266392679, 0.19035057806478542, 0.20443294007529889, 0.20948214108472782,
];
const GAUSS = [0.1294849661688697, 0.27970539148927664, 0.3818300505051189, 0.4179591836734694];

/** Pieces after which an integrand is given up as too rough. */
export const PIECES_MAX = 4_000;

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly value: number;
  readonly error: number;
}

/**
 * ∫ f over [from, to] by adaptive Gauss-Kronrod 7-15 (Piessens et al., QUADPACK, 1983), bisecting until
 * each piece agrees to `relative` of the whole. f must be finite inside; integrable singularities at
 * the ends are met by bisection alone. At most `PIECES_MAX` pieces, then a fault.
 */
export function integrate(
  f: (x: number) => number,
  range: { readonly from: number; readonly to: number; readonly relative?: number },
): Result<number> {
  const { from, to, relative = 1e-13 } = range;
  const first: Piece = { from, to, ...rule(f, from, to) };
  const pending = [first];
  let scale = Math.abs(first.value);
  let sum = 0;
  for (let pieces = 0; pending.length > 0; pieces++) {
    const piece = pending.pop()!;
    const middle = (piece.from + piece.to) / 2;
    const narrow = middle === piece.from || middle === piece.to;
    if (piece.error <= relative * scale || narrow) {
      sum += piece.value;
      continue;
    }
    if (!(pieces < PIECES_MAX) || !Number.isFinite(piece.value)) {
      return fail(
        argumentFault(STATS_ERRORS.NOT_CONVERGED, 'integral', {
          expected: `an integrand resolved by ${PIECES_MAX} pieces`,
          received: `an error of ${piece.error} on [${piece.from}, ${piece.to}]`,
        }),
      );
    }
    const left = { from: piece.from, to: middle, ...rule(f, piece.from, middle) };
    const right = { from: middle, to: piece.to, ...rule(f, middle, piece.to) };
    scale = Math.max(scale, Math.abs(left.value), Math.abs(right.value));
    pending.push(right, left);
  }
  return ok(sum);
}

function rule(
  f: (x: number) => number,
  from: number,
  to: number,
): { value: number; error: number } {
  const centre = (from + to) / 2;
  const half = (to - from) / 2;
  const middle = f(centre);
  let kronrod = KRONROD[7]! * middle;
  let gauss = GAUSS[3]! * middle;
  for (let i = 0; i < 7; i++) {
    const offset = half * NODES[i]!;
    const pair = f(centre - offset) + f(centre + offset);
    kronrod += KRONROD[i]! * pair;
    if (i % 2 === 1) gauss += GAUSS[(i - 1) / 2]! * pair;
  }
  return { value: kronrod * half, error: Math.abs((kronrod - gauss) * half) };
}
