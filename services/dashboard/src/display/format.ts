import type { Amount } from '../contract.ts';

export const ABSENT = '—';

/** A wire amount (decimal string) or measure as a finite number for display, or null. */
export function numberOf(value: Amount | number | null | undefined): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(digits: number, sign: 'auto' | 'exceptZero'): Intl.NumberFormat {
  const key = `${digits}${sign}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.NumberFormat('en-US', {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: sign,
    });
    formatters.set(key, made);
  }
  return made;
}

/** A true minus sign is as wide as the digits, a hyphen is not. */
function withMinus(text: string): string {
  return text.replace('-', '\u2212');
}

export function formatNumber(value: number, digits = 2): string {
  return withMinus(formatter(digits, 'auto').format(value));
}

export function formatSigned(value: number, digits = 2): string {
  return withMinus(formatter(digits, 'exceptZero').format(value));
}

/** Digits by magnitude, so that a column of prices of one instrument keeps its width. */
export function priceDigits(value: number): number {
  const size = Math.abs(value);
  if (size >= 100) return 2;
  if (size >= 1) return 4;
  return size >= 0.01 ? 5 : 8;
}

export function formatPrice(value: number): string {
  return formatNumber(value, priceDigits(value));
}

export function formatUsd(value: number): string {
  const text = formatNumber(Math.abs(value), Math.abs(value) < 1000 ? 2 : 0);
  return `${value < 0 ? '\u2212' : ''}$${text}`;
}

export function formatSignedUsd(value: number): string {
  return value > 0 ? `+${formatUsd(value)}` : formatUsd(value);
}

const COMPACT_STEPS = [
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

export function formatCompactUsd(value: number): string {
  const size = Math.abs(value);
  const step = COMPACT_STEPS.find(([scale]) => size >= scale);
  const sign = value < 0 ? '\u2212' : '';
  if (!step) return `${sign}$${formatNumber(size, size < 10 ? 2 : 0)}`;
  return `${sign}$${formatNumber(size / step[0], 2)}${step[1]}`;
}

/** Four significant digits, in scientific form where plain digits would hide them. */
export function formatGreek(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.0001) return withMinus(value.toExponential(2));
  if (size < 1) return formatNumber(value, 4);
  return formatNumber(value, size < 1000 ? 2 : 0);
}

export function formatPercent(fraction: number, digits = 1): string {
  return `${formatNumber(fraction * 100, digits)}%`;
}

/** Decimal strings stay exact: grouped and stripped of padding zeros, never parsed to a double. */
export function formatQuantity(value: Amount | number): string {
  const [whole = '', fraction = ''] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const kept = fraction.replace(/0+$/, '');
  return withMinus(kept === '' ? grouped : `${grouped}.${kept}`);
}

/** Time of day in UTC, as trade records have it. */
export function formatTime(iso: string | null | undefined): string {
  const match = iso ? /T(\d\d:\d\d:\d\d)/.exec(iso) : null;
  if (!match || !iso) return ABSENT;
  const offset = /[+-]\d\d:?\d\d$/.test(iso);
  return offset ? new Date(iso).toISOString().slice(11, 19) : (match[1] ?? ABSENT);
}

export function formatAge(ageMs: number): string {
  if (ageMs < 1000) return `${Math.round(ageMs)} ms`;
  if (ageMs < 60_000) return `${(ageMs / 1000).toFixed(1)} s`;
  return `${Math.floor(ageMs / 60_000)} min`;
}

const ACRONYMS: Record<string, string> = { var: 'VaR', es: 'ES', rest: 'REST', tca: 'TCA' };

/** `PARTIALLY_FILLED` → `Partially filled`, `var_limit` → `VaR limit`. */
export function formatName(name: string): string {
  const words = name.toLowerCase().split(/[_\s]+/);
  const text = words.map((word) => ACRONYMS[word] ?? word).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
