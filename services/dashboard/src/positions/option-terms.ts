import type { PositionGreeks, PositionTerms } from '../contract.ts';

export interface OptionTerms {
  type: 'C' | 'P';
  strike: number;
  expiry: string;
}

const SYMBOL = /-(\d{6}|\d{1,2}[A-Z]{3}\d{2}|\d{8})-(\d+(?:\.\d+)?)-([CP])$/;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

function isoDate(text: string): string {
  const named = /^(\d{1,2})([A-Z]{3})(\d{2})$/.exec(text);
  if (named) {
    const month = MONTHS.indexOf(named[2] ?? '') + 1;
    return `20${named[3]}-${String(month).padStart(2, '0')}-${(named[1] ?? '').padStart(2, '0')}`;
  }
  const digits = text.length === 6 ? `20${text}` : text;
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

/** The gateway's terms, or else those that option symbols of the venues spell out. */
export function optionTermsOf(
  position: Pick<PositionGreeks, 'symbol' | 'asset_class'>,
  terms: PositionTerms | undefined,
): OptionTerms | null {
  if (terms?.option_type && terms.strike !== undefined && terms.expiration) {
    return {
      type: terms.option_type === 'CALL' ? 'C' : 'P',
      strike: Number(terms.strike),
      expiry: terms.expiration.slice(0, 10),
    };
  }
  if (position.asset_class !== 'option') return null;
  const match = SYMBOL.exec(position.symbol);
  if (!match) return null;
  return {
    type: match[3] === 'C' ? 'C' : 'P',
    strike: Number(match[2]),
    expiry: isoDate(match[1] ?? ''),
  };
}
