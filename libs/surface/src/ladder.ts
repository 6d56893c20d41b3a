import { fail, ok, type Result } from '@cerberus/core';
import { type Certificate, certify, isArbitrageFree, moneynessGrid } from './certificate.ts';
import { numberFault, SURFACE_ERRORS } from './errors.ts';
import { floorOn, type Placement, placementOf } from './placement.ts';
import { type SmileSlice, sviSlice } from './slice.ts';
import {
  COLD_STRENGTHS,
  type SliceTargets,
  solveSlice,
  targetsOf,
  WARM_STRENGTHS,
} from './slice-fit.ts';
import type { Smile } from './smile.ts';
import { rawFromSsvi, type SsviSlice } from './ssvi.ts';
import { fitEssvi, fitSsvi, risingThetas } from './ssvi-fit.ts';
import { type SurfaceExpiry, VolatilitySurface } from './surface.ts';
import type { SviRaw } from './svi.ts';
import { fitSvi } from './svi-fit.ts';

/**
 * The ladder, best first. `svi`: free raw SVI slices. `corrected-svi`: SVI slices on an eSSVI backbone with
 * local corrections, under butterfly, calendar and wing conditions. `constrained-svi`: the same without
 * corrections. `essvi`, `ssvi`: the parametric surfaces that are free of arbitrage by theorem. `flat`:
 * one volatility per expiry, rising in total variance.
 */
export const RUNGS = ['svi', 'corrected-svi', 'constrained-svi', 'essvi', 'ssvi', 'flat'] as const;
export type Rung = (typeof RUNGS)[number];

export interface SurfaceFitOptions {
  /** First rung to try; `corrected-svi` where absent. */
  readonly from?: Rung;
  /** A fit of nearly the same quotes, whose backbone and corrections are the start. */
  readonly warm?: FittedSurface;
}

export interface FittedSurface {
  readonly surface: VolatilitySurface;
  readonly rung: Rung;
  /** Share of the surface drawn to its backbone to remove violations; 0 where the fit stands as it is. */
  readonly blended: number;
  readonly certificate: Certificate;
  readonly smiles: readonly Smile[];
  /** What a warm start needs. */
  readonly backbone: readonly SviRaw[];
  readonly placements: readonly Placement[];
}

interface Work {
  readonly smiles: readonly Smile[];
  readonly targets: readonly SliceTargets[];
  readonly backbone: readonly SviRaw[];
  readonly essvi: readonly SsviSlice[];
  readonly ssvi: readonly SsviSlice[];
}

/** Smallest g asked of a fit, and of refits of slices at which the certificate found a violation. */
const DENSITIES = [0.02, 0.04, 0.06, 0.05, 0.08, 0.06, 0.1] as const;
const BETWEEN = [0.2, 0.5, 0.8] as const;
const TIGHT_STRENGTHS = [1e4, 1e5] as const;
/** First share of the whole surface drawn to the backbone, and its growth. */
const BLEND_FIRST = 0.01;
const BLEND_GROWTH = 1.6;
const SLOPE_MAX = 1.99;

/**
 * A surface free of static arbitrage from implied volatilities: climbs down `RUNGS` until the certificate
 * of a rung is clean, and always ends with one. Slices that violate after their fit are drawn towards the
 * backbone, which is free of arbitrage, until the certificate is clean; the shares are reported.
 */
export function fitSurface(
  smiles: readonly Smile[],
  options: SurfaceFitOptions = {},
): Result<FittedSurface> {
  if (smiles.length === 0) {
    return fail(
      numberFault(SURFACE_ERRORS.NO_EXPIRY, 'smiles', { expected: 'at least one', received: 0 }),
    );
  }
  const work = prepared(smiles, options.warm);
  const from = RUNGS.indexOf(options.from ?? 'corrected-svi');
  for (const rung of RUNGS.slice(from)) {
    const fitted = attempt(work, rung, options.warm);
    if (fitted !== undefined && isArbitrageFree(fitted.certificate)) return ok(fitted);
  }
  return fail(
    numberFault(SURFACE_ERRORS.CALIBRATION_FAILED, 'smiles', {
      expected: 'finite volatilities at rising maturities',
      received: `${smiles.length} expiries`,
    }),
  );
}

function matches(warm: FittedSurface | undefined, smiles: readonly Smile[]): boolean {
  return (
    warm !== undefined &&
    warm.placements.length === smiles.length &&
    warm.smiles.every(({ id }, row) => id === smiles[row]!.id)
  );
}

function rawOf(slice: SsviSlice): SviRaw {
  const raw = rawFromSsvi(slice);
  return raw.ok ? raw.value : { a: slice.theta, b: 1e-9, rho: 0, m: 0, sigma: 0.1 };
}

function prepared(smiles: readonly Smile[], warm: FittedSurface | undefined): Work {
  const targets = smiles.map(targetsOf);
  if (warm !== undefined && matches(warm, smiles)) {
    return { smiles, targets, backbone: warm.backbone, essvi: [], ssvi: [] };
  }
  const ssvi = fitSsvi(targets);
  const essvi = fitEssvi(targets, ssvi);
  return { smiles, targets, backbone: essvi.map(rawOf), essvi, ssvi };
}

function attempt(
  work: Work,
  rung: Rung,
  warm: FittedSurface | undefined,
): FittedSurface | undefined {
  const isWarm = warm !== undefined && work.essvi.length === 0;
  const placements = placementsOf(work, rung === 'corrected-svi', isWarm ? warm : undefined);
  const finish = (slices: readonly SmileSlice[]) => repaired(work, { rung, slices, placements });
  switch (rung) {
    case 'svi':
      return finish(freeSlices(work));
    case 'corrected-svi':
    case 'constrained-svi':
      return finish(constrainedSlices(work, placements, isWarm ? warm : undefined));
    case 'essvi':
      return finish(work.backbone.map((raw, row) => sviSlice(timeOf(work, row), raw)));
    case 'ssvi':
      return finish(
        (work.ssvi.length > 0 ? work.ssvi : fitSsvi(work.targets)).map((slice, row) =>
          sviSlice(timeOf(work, row), rawOf(slice)),
        ),
      );
    case 'flat':
      return finish(
        risingThetas(work.targets).map((theta, row) =>
          sviSlice(timeOf(work, row), { a: theta, b: 0, rho: 0, m: 0, sigma: 0.1 }),
        ),
      );
  }
}

function timeOf({ smiles }: Work, row: number): number {
  return smiles[row]!.timeYears;
}

function freeSlices({ targets, backbone }: Work): SmileSlice[] {
  return targets.map(({ k, mid, half, timeYears }, row) => {
    const weights = half.map((unit) => 1 / (unit * unit));
    const fit = fitSvi({ logMoneyness: k, totalVariance: mid, weights });
    return sviSlice(timeYears, fit.ok ? fit.value.slice : backbone[row]!);
  });
}

function placementsOf(
  { targets }: Work,
  hasCorrections: boolean,
  warm: FittedSurface | undefined,
): readonly Placement[] {
  if (warm !== undefined) return warm.placements;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return targets.map((target) => {
    low = Math.min(low, target.k[0]!);
    high = Math.max(high, target.k[target.k.length - 1]!);
    return hasCorrections ? placementOf(target, [low, high]) : placementOf(target, [low, high], 0);
  });
}

/** Bounds of a wing: halfway to the neighbours' in the backbone, so that fitted wings stay ordered. */
function wingBounds(
  backbone: readonly SviRaw[],
  row: number,
  side: 1 | -1,
): readonly [number, number] {
  const slope = (i: number) => backbone[i]!.b * (1 + side * backbone[i]!.rho);
  const own = slope(row);
  const low = row > 0 ? 0.5 * (slope(row - 1) + own) : 0.5 * own;
  const high =
    row < backbone.length - 1 ? 0.5 * (own + slope(row + 1)) : Math.min(SLOPE_MAX, 1.2 * own);
  return [low, high];
}

/** Fits from the longest expiry to the shortest, each under the one above it. */
function constrainedSlices(
  { targets, backbone }: Work,
  placements: readonly Placement[],
  warm: FittedSurface | undefined,
): SmileSlice[] {
  const slices: SmileSlice[] = [];
  let above: SmileSlice | undefined;
  for (let row = targets.length - 1; row >= 0; row--) {
    const { grid, centres, widths } = placements[row]!;
    const known = warm?.surface.expiries[row]?.slice;
    const start =
      known === undefined
        ? { svi: backbone[row]!, centres, widths }
        : { svi: known.svi, centres, widths, heights: known.heights };
    above = solveSlice(targets[row]!, start, {
      grid,
      above,
      floor: floorOn(grid, targets.slice(0, row)),
      wings: [wingBounds(backbone, row, -1), wingBounds(backbone, row, 1)],
      density: DENSITIES[0],
      strengths: known === undefined ? COLD_STRENGTHS : WARM_STRENGTHS,
    });
    slices.unshift(above);
  }
  return slices;
}

/** The slice drawn towards its backbone by a share; both have one m and σ, so that w is blended too. */
function drawn(slice: SmileSlice, backbone: SviRaw, share: number): SmileSlice {
  if (share === 0) return slice;
  const keep = 1 - share;
  const { svi } = slice;
  const b = keep * svi.b + share * backbone.b;
  const tilt = keep * svi.b * svi.rho + share * backbone.b * backbone.rho;
  return {
    ...slice,
    svi: {
      a: keep * svi.a + share * backbone.a,
      b,
      rho: b > 0 ? tilt / b : 0,
      m: svi.m,
      sigma: svi.sigma,
    },
    heights: slice.heights.map((height) => keep * height),
  };
}

function surfaceOf(smiles: readonly Smile[], slices: readonly SmileSlice[]) {
  const expiries: SurfaceExpiry[] = smiles.map((smile, row) => ({
    id: smile.id,
    timeYears: smile.timeYears,
    forward: smile.forward,
    discountFactor: smile.discountFactor,
    slice: slices[row]!,
    quotedLow: smile.logMoneyness[0]!,
    quotedHigh: smile.logMoneyness[smile.logMoneyness.length - 1]!,
  }));
  return VolatilitySurface.of(expiries);
}

interface Candidate {
  readonly slices: readonly SmileSlice[];
  readonly surface: VolatilitySurface;
  readonly certificate: Certificate;
}

function candidateOf({ smiles }: Work, slices: readonly SmileSlice[]): Candidate | undefined {
  const surface = surfaceOf(smiles, slices);
  if (!surface.ok) return undefined;
  return { slices, surface: surface.value, certificate: certify(surface.value) };
}

function violations({ certificate }: Candidate): number {
  const { butterflyViolations, calendarViolations, wingViolations } = certificate;
  return butterflyViolations + calendarViolations + wingViolations;
}

/**
 * Certifies slices; where the certificate is not clean, slices at violations are refitted with more
 * margin, and at last the whole surface is drawn towards the backbone by the least share that helps. One
 * share for all keeps total variances ordered, since both surfaces are.
 */
function repaired(
  work: Work,
  found: {
    readonly rung: Rung;
    readonly slices: readonly SmileSlice[];
    readonly placements: readonly Placement[];
  },
): FittedSurface | undefined {
  const { rung, slices, placements } = found;
  const { smiles, backbone } = work;
  const isRepairable = rung === 'corrected-svi' || rung === 'constrained-svi';
  let best = candidateOf(work, slices);
  let present = best;
  for (const density of isRepairable ? DENSITIES.slice(1) : []) {
    if (best === undefined || present === undefined || violations(best) === 0) break;
    const refitted = tightened(
      work,
      { slices: present.slices, placements, density },
      present.certificate,
    );
    present = candidateOf(work, refitted);
    if (present !== undefined && violations(present) < violations(best)) best = present;
  }
  if (best === undefined) return undefined;
  const fitted = best;
  let blended = 0;
  while (isRepairable && blended < 1 && violations(best) > 0) {
    blended = Math.min(1, Math.max(BLEND_FIRST, BLEND_GROWTH * blended));
    const share = blended;
    const next = candidateOf(
      work,
      fitted.slices.map((slice, row) => drawn(slice, backbone[row]!, share)),
    );
    if (next === undefined) return undefined;
    best = next;
  }
  const { surface, certificate } = best;
  return { surface, rung, blended, certificate, smiles, backbone, placements };
}

/** Refits the slices at violations between their neighbours, with more margin and on a finer grid. */
function tightened(
  { targets, backbone }: Work,
  fit: {
    readonly slices: readonly SmileSlice[];
    readonly placements: readonly Placement[];
    readonly density: number;
  },
  certificate: Certificate,
): SmileSlice[] {
  const { placements, density } = fit;
  const slices = [...fit.slices];
  const fine = moneynessGrid(certificate.highestMoneyness);
  for (const row of [...certificate.rows].reverse()) {
    const { grid, centres, widths } = placements[row]!;
    const [low, high] = [centres[0] ?? 0, centres.at(-1) ?? 0];
    const near = fine.filter((k) => k > low - (high - low) && k < high + (high - low));
    const dense = Float64Array.from([...grid, ...near]).sort();
    const { svi, heights } = slices[row]!;
    slices[row] = solveSlice(
      targets[row]!,
      { svi, centres, widths, heights },
      {
        grid: dense,
        above: slices[row + 1],
        below: slices[row - 1],
        floor: floorOn(dense, targets.slice(0, row)),
        wings: [wingBounds(backbone, row, -1), wingBounds(backbone, row, 1)],
        density,
        between: BETWEEN,
        strengths: TIGHT_STRENGTHS,
      },
    );
  }
  return slices;
}
