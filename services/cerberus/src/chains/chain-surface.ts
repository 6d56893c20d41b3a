import { unwrap } from '@cerberus/core';
import {
  type ExpiryFit,
  type FittedSurface,
  fitReport,
  fitSurface,
  type ImpliedSmiles,
  impliedSmiles,
  QUOTE_DROPS,
  type Rung,
  type SmileMetrics,
  termStructure,
} from '@cerberus/surface';
import { type InputHash, readInput } from '../commands/input.ts';
import { type ChainFile, type ChainFormat, readChain } from './chain-file.ts';

export const EXERCISES = ['european', 'american'] as const;

/** What a surface is fitted from. */
export interface SurfaceRequest {
  readonly path: string;
  readonly format?: ChainFormat;
  readonly exercise: (typeof EXERCISES)[number];
  readonly rate?: number;
  readonly dividendYield?: number;
  readonly asOfMs?: number;
  readonly from?: Rung;
}

/** A fitted chain file with everything that a report says of it. */
export interface ChainSurface {
  readonly request: SurfaceRequest;
  readonly input: InputHash;
  readonly file: ChainFile;
  readonly smiles: ImpliedSmiles;
  readonly fitted: FittedSurface;
  readonly expiries: readonly ExpiryFit[];
  readonly metrics: readonly SmileMetrics[];
}

/** Reads a chain, finds its volatilities and fits its surface. */
export function fitChain(request: SurfaceRequest): ChainSurface {
  const { text, source, sha256 } = readInput(request.path);
  const { format, asOfMs, rate, dividendYield, exercise, from } = request;
  const file = unwrap(
    readChain(text, {
      ...(format === undefined ? {} : { format }),
      ...(asOfMs === undefined ? {} : { asOfMs }),
    }),
  );
  const smiles = impliedSmiles(file.expiries, {
    exercise,
    ...(rate === undefined ? {} : { rate }),
    ...(dividendYield === undefined ? {} : { dividendYield }),
  });
  const fitted = unwrap(fitSurface(smiles.smiles, from === undefined ? {} : { from }));
  return {
    request,
    input: { source, sha256 },
    file,
    smiles,
    fitted,
    expiries: fitReport(fitted),
    metrics: unwrap(termStructure(fitted.surface)),
  };
}

export function titleOf({ input, file }: ChainSurface): string {
  return `${input.source}, ${new Date(file.asOfMs).toISOString().slice(0, 16)}Z`;
}

const WEEK_YEARS = 7 / 365;

/** Quotes inside bid-ask beyond seven days, and all of them. */
export function insideShare(expiries: readonly ExpiryFit[]) {
  const later = expiries.filter(({ timeYears }) => timeYears > WEEK_YEARS);
  const quotes = later.reduce((sum, expiry) => sum + expiry.quotes, 0);
  const inside = later.reduce((sum, expiry) => sum + expiry.inside, 0);
  return { quotes, inside, share: quotes > 0 ? inside / quotes : 0 };
}

export function dropTotals({ smiles, dropped }: ImpliedSmiles): Record<string, number> {
  return Object.fromEntries(
    QUOTE_DROPS.map((reason) => [
      reason,
      [...smiles, ...dropped].reduce((sum, { drops }) => sum + drops[reason], 0),
    ]),
  );
}
