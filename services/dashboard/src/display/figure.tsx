import type { Amount, Measure } from '../contract.ts';
import { ABSENT, numberOf } from './format.ts';

export type Tone = 'up' | 'down' | 'flat' | 'warning' | 'critical' | 'accent' | 'neutral';

interface FigureProps {
  value: Amount | Measure | undefined;
  format: (value: number) => string;
  /** Why the number is missing; shown with the dash, which is never a zero. */
  reason?: string | null | undefined;
  /** Colours by the sign of the value. */
  signed?: boolean;
}

export function toneOfSign(value: number | null): Tone {
  if (value === null || value === 0) return 'flat';
  return value > 0 ? 'up' : 'down';
}

/** A number, or a dash that says why there is none. */
export function Figure({ value, format, reason, signed = false }: FigureProps) {
  const number = numberOf(value);
  if (number === null) return <Absent reason={reason} />;
  const tone = signed ? ` tone-${toneOfSign(number)}` : '';
  return <span className={`figure${tone}`}>{format(number)}</span>;
}

export function Absent({ reason }: { reason?: string | null | undefined }) {
  const why = reason || 'not given by the gateway';
  return (
    <span className="figure absent" title={why}>
      <span aria-hidden="true">{ABSENT}</span>
      <span className="visually-hidden">not available: {why}</span>
    </span>
  );
}
