import { type Fault, faultOf, type Result, unwrap } from '@cerberus/core';
import type { VolatilityQuote, VolatilitySurface } from '@cerberus/surface';
import { CLI_ERRORS } from './errors.ts';
import { faulty, finiteNumber } from './input.ts';
import type { Table } from './table.ts';

const SPEC = /^(strike|delta|moneyness)=([^@]+)@([^@]+)$/;
const DAYS_PER_YEAR = 365;

export interface SurfaceAnswer extends VolatilityQuote {
  readonly query: string;
  readonly timeYears: number;
  /** Dupire's, per √year. */
  readonly localVolatility: number;
}

function refusal(text: string): Fault {
  return faultOf(CLI_ERRORS.OPTION_INVALID, {
    path: '--query',
    expected: 'strike=K@DAYS, delta=D@DAYS (puts negative) or moneyness=ln(K/F)@DAYS',
    received: text,
  });
}

/** Answers `strike=3900@30`, `delta=-0.25@30`, `moneyness=-0.1@30` (maturity in days). */
export function answered(surface: VolatilitySurface, text: string): SurfaceAnswer {
  const [, kind, value, days] = SPEC.exec(text) ?? [];
  const [at, length] = [finiteNumber(value ?? ''), finiteNumber(days ?? '')];
  if (at === undefined || length === undefined) throw faulty(refusal(text));
  const timeYears = length / DAYS_PER_YEAR;
  const quote = unwrap(quoteOf(surface, kind, at, timeYears));
  const local = unwrap(surface.localVolatility(quote.logMoneyness, timeYears));
  return { query: text, timeYears, ...quote, localVolatility: local.localVolatility };
}

function quoteOf(
  surface: VolatilitySurface,
  kind: string | undefined,
  at: number,
  timeYears: number,
): Result<VolatilityQuote> {
  if (kind === 'strike') return surface.atStrike(at, timeYears);
  if (kind === 'delta') return surface.atDelta(at, timeYears);
  return surface.atLogMoneyness(at, timeYears);
}

export function answerTable(answers: readonly SurfaceAnswer[]): Table {
  return {
    title: 'Queries',
    columns: ['query', 'strike', 'forward', 'volatility', 'local vol', 'call Δ', 'extrapolated'],
    rows: answers.map((answer) => [
      answer.query,
      Number(answer.strike.toFixed(4)),
      Number(answer.forward.toFixed(4)),
      Number(answer.volatility.toFixed(6)),
      Number(answer.localVolatility.toFixed(6)),
      Number(answer.callDelta.toFixed(6)),
      flagText(answer),
    ]),
  };
}

function flagText({ extrapolated }: SurfaceAnswer): string {
  const flags = [
    ...(extrapolated.strike ? ['strike'] : []),
    ...(extrapolated.maturity === 'none' ? [] : [extrapolated.maturity.replace('_', ' ')]),
  ];
  return flags.length === 0 ? 'no' : flags.join(', ');
}
