import { faultOf, type Result, unwrap } from '@cerberus/core';
import { type NetAssetValue, netAssetValue, type Reversion, reversionOf } from '@cerberus/features';
import { CLI_ERRORS } from './errors.ts';
import { requireColumns, risingDays } from './history.ts';
import { faulty, hashOf, type InputHash, type Row, readRows } from './input.ts';
import { numberFlag } from './options.ts';
import type { Cell, Table } from './table.ts';

/** Fewest days on which the premium is known for its reversion to be measured. */
const PREMIUM_DAYS_MIN = 60;

export interface CapitalOptions {
  readonly holdings?: string;
  readonly shares?: string;
  readonly debt?: string;
  readonly preferred?: string;
  readonly cash?: string;
  readonly capital?: string;
}

interface Capital {
  readonly holdings: number;
  readonly shares: number;
  readonly debt: number;
  readonly preferred: number;
  readonly cash: number;
}

/** A capital structure from a day on, and where it was read. */
interface DatedCapital extends Capital {
  readonly day: number;
  readonly row: Row;
}

/** Premium of an asset that holds its driver to what it holds. */
export interface Premium {
  readonly now: NetAssetValue;
  /** Logarithm of the multiple by day; absent where only today's capital is known. */
  readonly series?: { readonly days: Float64Array; readonly values: Float64Array };
  /** Absent where there is no series, or it shows no reversion. */
  readonly reversion?: Reversion;
  readonly inputs: readonly InputHash[];
}

/** Names that a capital file may use, first those of its own. */
const COLUMNS: Readonly<Record<keyof Capital, readonly string[]>> = {
  holdings: ['holdings', 'btc_holdings'],
  shares: ['shares', 'diluted_shares', 'basic_shares'],
  debt: ['debt', 'total_debt_usd'],
  preferred: ['preferred', 'preferred_equity_usd'],
  cash: ['cash', 'cash_usd'],
};
const NAMES = Object.keys(COLUMNS) as (keyof Capital)[];

export interface PricePair {
  readonly days: Float64Array;
  readonly asset: Float64Array;
  readonly driver: Float64Array;
}

/** The premium that the capital flags or file give, or undefined where none is given. */
export function premiumOf(
  options: CapitalOptions,
  prices: PricePair,
  horizon: number,
): Premium | undefined {
  const flags = NAMES.filter((name) => options[name] !== undefined);
  if (options.capital !== undefined) {
    if (flags.length > 0) refuse(`--${flags[0]}`, '--capital or the figures one by one, not both');
    return fromFile(options.capital, prices, horizon);
  }
  if (flags.length === 0) return undefined;
  const capital = {
    holdings: given(options, 'holdings'),
    shares: given(options, 'shares'),
    debt: given(options, 'debt', '0'),
    preferred: given(options, 'preferred', '0'),
    cash: given(options, 'cash', '0'),
  };
  const last = prices.days.length - 1;
  const now = named(
    netAssetValue({ ...capital, ...pricesAt(prices, last) }),
    (name) => `--${name}`,
  );
  const sha256 = hashOf(JSON.stringify(capital));
  return { now, inputs: [{ source: 'command line, capital', sha256 }] };
}

function given(options: CapitalOptions, name: keyof Capital, fallback?: string): number {
  const text = options[name] ?? fallback;
  if (text !== undefined) return numberFlag(`--${name}`, text);
  const expected = 'a number, as another figure of the capital is given';
  throw faulty(faultOf(CLI_ERRORS.INPUT_MISSING, { path: `--${name}`, expected }));
}

function refuse(path: string, expected: string): never {
  throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path, expected }));
}

function pricesAt({ asset, driver }: PricePair, t: number) {
  return { sharePrice: asset[t]!, coinPrice: driver[t]! };
}

function named<T>(result: Result<T>, place: (name: string) => string): T {
  if (result.ok) return result.value;
  const { path = 'capital' } = result.error;
  throw faulty({ ...result.error, path: place(path) });
}

function fromFile(path: string, prices: PricePair, horizon: number): Premium {
  const { input, capitals } = readCapital(path);
  const days: number[] = [];
  const values: number[] = [];
  let now: NetAssetValue | undefined;
  let next = 0;
  for (const [t, day] of prices.days.entries()) {
    while (next < capitals.length && capitals[next]!.day <= day) next += 1;
    const capital = capitals[next - 1];
    if (capital === undefined) continue;
    const { row } = capital;
    now = named(netAssetValue({ ...capital, ...pricesAt(prices, t) }), (name) => row.path(name));
    days.push(day);
    values.push(Math.log(positiveMultiple(now, row)));
  }
  if (now === undefined || days.length < PREMIUM_DAYS_MIN) {
    throw faulty(
      faultOf(CLI_ERRORS.INPUT_INVALID, {
        path: input.source,
        expected: `capital on at least ${PREMIUM_DAYS_MIN} days of the price history`,
        received: `${days.length}`,
      }),
    );
  }
  const series = { days: Float64Array.from(days), values: Float64Array.from(values) };
  const reversion = unwrap(reversionOf(series.values, horizon));
  return { now, series, ...(reversion === undefined ? {} : { reversion }), inputs: [input] };
}

/** Cash beyond market value and debt leaves a multiple without a logarithm. */
function positiveMultiple({ multiple }: NetAssetValue, row: Row): number {
  if (multiple > 0) return multiple;
  const expected = 'an enterprise value above 0';
  const where = { path: row.where, expected, received: `a multiple of ${multiple}` };
  throw faulty(faultOf(CLI_ERRORS.INPUT_INVALID, where));
}

function readCapital(path: string): { input: InputHash; capitals: DatedCapital[] } {
  const read = readRows(path);
  requireColumns(read, ['date']);
  const days = risingDays(read.rows);
  const columnOf = (name: keyof Capital) =>
    COLUMNS[name].find((column) => read.columns.includes(column));
  for (const name of ['holdings', 'shares'] as const) {
    if (columnOf(name) === undefined) requireColumns(read, [COLUMNS[name].join(' or ')]);
  }
  const capitals = read.rows.map((row, index): DatedCapital => {
    const value = (name: keyof Capital) => {
      const column = columnOf(name);
      return column === undefined ? 0 : row.number(column);
    };
    return {
      ...{ holdings: value('holdings'), shares: value('shares'), debt: value('debt') },
      ...{ preferred: value('preferred'), cash: value('cash') },
      ...{ day: days[index]!, row },
    };
  });
  return { input: read, capitals };
}

export const PREMIUM_CONVENTION =
  'premium: share price over coin value per share less one; multiple (mNAV, as Strategy Inc. defines it): market value + debt + preferred − cash over coin value; net: what is left of the coins after debt and preferred';

export function premiumTable({ now, reversion }: Premium, horizon: number): Table {
  const rows: Cell[][] = [
    ['coins per share', now.coinPerShare],
    ['coin value per share', now.coinValuePerShare],
    ['net asset value per share', now.netAssetValuePerShare],
    ['premium to coin value', now.premium],
    ['premium to net asset value', now.premiumToNet ?? null],
    ['multiple of coin value (mNAV)', now.multiple],
    ['debt and preferred over coin value', now.debtShare],
    ['leverage of net asset value', now.assetLeverage ?? null],
  ];
  const moving: Cell[][] =
    reversion === undefined
      ? []
      : [
          ['level reverted to, multiple', Math.exp(reversion.level)],
          ['z-score of the premium', reversion.zScore],
          ['stationary deviation, log', reversion.stationarySd],
          ['half-life, days', reversion.halfLife],
          [`change expected in ${horizon} days, log`, reversion.expectedChange],
          ['signal, −100 falls to 100 rises', reversion.signal],
        ];
  return { title: 'Premium', columns: ['measure', 'value'], rows: [...rows, ...moving] };
}
