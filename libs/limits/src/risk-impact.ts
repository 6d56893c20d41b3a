import type { EpochUs } from '@cerberus/core';
import { concentration, ScenarioTail } from '@cerberus/risk';
import type { ScenarioVector } from '@cerberus/schema';
import { reportNumber } from './fixed-point.ts';
import type { GateView } from './gate-book.ts';
import type { GateOrder } from './subject.ts';

export interface ImpactFigure {
  readonly before: number | null;
  readonly after: number | null;
  readonly change: number | null;
}

export const IMPACT_NAMES = [
  'delta',
  'gamma',
  'vega',
  'theta',
  'var_99_1d',
  'es_99_1d',
  'margin',
  'concentration',
] as const;
export type ImpactName = (typeof IMPACT_NAMES)[number];

/** As the public contract shows it: snake_case; a figure that cannot be given is null with a reason. */
export type RiskImpactReport = { readonly [N in ImpactName]: ImpactFigure } & {
  readonly missing: Readonly<Partial<Record<ImpactName, string>>>;
  readonly scenario_set_id: string | null;
  /** Oldest scenario vector used. */
  readonly as_of: EpochUs | null;
};

/** Vectors added into a running sum before it is built anew, so that rounding cannot pile up. */
const ADDITIONS_MAX = 4096;
/** Accounts whose sums are kept; all are dropped when one more is asked for. */
const ACCOUNTS_MAX = 256;
const CONFIDENCE = 0.99;
const UNKNOWN: ImpactFigure = Object.freeze({ before: null, after: null, change: null });
const NO_MARGIN_MODEL = 'no margin model is configured';

interface Held {
  readonly vector: ScenarioVector;
  readonly quantity: number;
}

/** What is in a sum; the exact position tells whether it still is, without converting it. */
interface HeldPosition extends Held {
  readonly position: bigint;
}

/** Scenario P&L of an account's positions: Σ quantity · unit vector, kept up to date by difference. */
interface PortfolioSum {
  pnl: Float64Array;
  scenarioSetId: string;
  additions: number;
  readonly held: Map<string, HeldPosition>;
  /** Tail of the sum after so many additions. */
  tail:
    | { readonly additions: number; readonly valueAtRisk: number; readonly shortfall: number }
    | undefined;
}

interface Portfolio {
  readonly sum: PortfolioSum;
  readonly asOf: EpochUs;
}

/**
 * What an order would do to the risk of its account if it traded whole: revalued over the scenario
 * vectors that the risk engine publishes, not estimated. Greeks are those of the account in the
 * order's underlying; value at risk, shortfall and concentration those of the whole account.
 * Cost: O(positions + scenarios); nothing is kept between calls but sums and their tails.
 */
export class RiskImpact {
  readonly #sums = new Map<string, PortfolioSum>();
  readonly #tails = new Map<number, ScenarioTail>();

  measure(view: GateView, order: GateOrder): RiskImpactReport {
    const missing: Partial<Record<ImpactName, string>> = { margin: NO_MARGIN_MODEL };
    const vector = view.market.scenarios(order.instrument_id);
    if (vector === undefined || vector.quality === 'UNTRUSTED') {
      return unavailable(`no trusted scenario vector of ${order.instrument_id}`);
    }
    const portfolio = this.#portfolio(view, order.account_id, vector);
    if (typeof portfolio === 'string') return unavailable(portfolio);
    const quantity = reportNumber(order.quantity) * (order.side === 'BUY' ? 1 : -1);
    const { sum } = portfolio;
    const tail = this.#tailImpact(sum, { vector, quantity }, missing);
    // A sum that is not finite would stay so whatever came next: it is built anew.
    if (tail.valueAtRisk.after === null) this.#sums.delete(order.account_id);
    return {
      ...greeks(sum, vector, quantity),
      var_99_1d: tail.valueAtRisk,
      es_99_1d: tail.shortfall,
      margin: UNKNOWN,
      concentration: concentrationImpact(sum, { vector, quantity }, missing),
      missing,
      scenario_set_id: vector.scenario_set_id,
      as_of: Math.min(portfolio.asOf, vector.as_of) as EpochUs,
    };
  }

  #tailImpact(
    sum: PortfolioSum,
    { vector, quantity }: Held,
    missing: Partial<Record<ImpactName, string>>,
  ): { readonly valueAtRisk: ImpactFigure; readonly shortfall: ImpactFigure } {
    const tail = this.#tail(sum.pnl.length);
    const fault = tail === undefined ? undefined : measureSum(sum, tail);
    const { valueAtRisk: varBefore = 0, shortfall: esBefore = 0 } = sum.tail ?? {};
    const after = tail?.measureSum(sum.pnl, vector.unit_pnl, quantity);
    if (tail === undefined || fault !== undefined || after !== undefined) {
      const reason = (fault ?? after)?.message ?? 'there are no scenarios';
      missing.var_99_1d = reason;
      missing.es_99_1d = reason;
      return { valueAtRisk: UNKNOWN, shortfall: UNKNOWN };
    }
    return {
      valueAtRisk: figure(varBefore, tail.valueAtRisk),
      shortfall: figure(esBefore, tail.expectedShortfall),
    };
  }

  #tail(scenarioCount: number): ScenarioTail | undefined {
    const known = this.#tails.get(scenarioCount);
    if (known !== undefined) return known;
    const made = ScenarioTail.create(scenarioCount, CONFIDENCE);
    if (!made.ok) return undefined;
    this.#tails.set(scenarioCount, made.value);
    return made.value;
  }

  /** The account's sum brought up to date, or why there is none. */
  #portfolio(view: GateView, accountId: string, like: ScenarioVector): Portfolio | string {
    let sum = this.#sums.get(accountId);
    if (
      sum === undefined ||
      sum.scenarioSetId !== like.scenario_set_id ||
      sum.pnl.length !== like.unit_pnl.length ||
      sum.additions > ADDITIONS_MAX
    ) {
      if (this.#sums.size >= ACCOUNTS_MAX) this.#sums.clear();
      sum = emptySum(like);
      this.#sums.set(accountId, sum);
    }
    let asOf = like.as_of as number;
    for (const [instrumentId, { position }] of view.account(accountId)?.exposures() ?? []) {
      const held = sum.held.get(instrumentId);
      if (position === 0n && held === undefined) continue;
      const vector = view.market.scenarios(instrumentId) ?? held?.vector;
      if (held !== undefined && held.vector === vector && held.position === position) {
        if (position !== 0n) asOf = Math.min(asOf, vector.as_of);
        continue;
      }
      if (vector === undefined) return `no scenario vector of ${instrumentId}, which is held`;
      const fault = position === 0n ? undefined : mismatch(vector, like);
      if (fault !== undefined) return fault;
      hold(sum, { vector, position, quantity: reportNumber(position) }, held);
      if (position !== 0n) asOf = Math.min(asOf, vector.as_of);
    }
    return { sum, asOf: asOf as EpochUs };
  }
}

function emptySum(like: ScenarioVector): PortfolioSum {
  return {
    pnl: new Float64Array(like.unit_pnl.length),
    scenarioSetId: like.scenario_set_id,
    additions: 0,
    held: new Map(),
    tail: undefined,
  };
}

/** The tail of the account as it is, measured anew only when the sum has changed. */
function measureSum(sum: PortfolioSum, tail: ScenarioTail): ReturnType<ScenarioTail['measure']> {
  const { additions } = sum;
  if (sum.tail?.additions === additions) return undefined;
  sum.tail = undefined;
  const fault = tail.measure(sum.pnl);
  if (fault !== undefined) return fault;
  const { valueAtRisk, expectedShortfall: shortfall } = tail;
  sum.tail = { additions, valueAtRisk, shortfall };
  return undefined;
}

function mismatch(vector: ScenarioVector, like: ScenarioVector): string | undefined {
  const { instrument_id: id } = vector;
  if (vector.quality === 'UNTRUSTED') return `the scenario vector of ${id} is untrusted`;
  if (
    vector.scenario_set_id !== like.scenario_set_id ||
    vector.unit_pnl.length !== like.unit_pnl.length
  ) {
    return `the scenario vectors of ${id} and ${like.instrument_id} are of different sets`;
  }
  return undefined;
}

/** Replaces what is held of an instrument in the sum by what is held now. */
function hold(sum: PortfolioSum, now: HeldPosition, before: Held | undefined): void {
  if (before !== undefined) addTo(sum.pnl, before.vector.unit_pnl, -before.quantity);
  addTo(sum.pnl, now.vector.unit_pnl, now.quantity);
  sum.additions += 1;
  sum.held.set(now.vector.instrument_id, now);
}

function addTo(pnl: Float64Array, unit: readonly number[], quantity: number): void {
  for (let i = 0; i < pnl.length; i++) pnl[i] = pnl[i]! + quantity * unit[i]!;
}

function greeks(sum: PortfolioSum, vector: ScenarioVector, quantity: number) {
  let [delta, gamma, vega, theta] = [0, 0, 0, 0];
  for (const { vector: each, quantity: held } of sum.held.values()) {
    if (each.underlying !== vector.underlying) continue;
    delta += held * each.unit_delta;
    gamma += held * each.unit_gamma;
    vega += held * each.unit_vega;
    theta += held * each.unit_theta;
  }
  return {
    delta: figure(delta, delta + quantity * vector.unit_delta),
    gamma: figure(gamma, gamma + quantity * vector.unit_gamma),
    vega: figure(vega, vega + quantity * vector.unit_vega),
    theta: figure(theta, theta + quantity * vector.unit_theta),
  };
}

function concentrationImpact(
  sum: PortfolioSum,
  { vector, quantity }: Held,
  missing: Partial<Record<ImpactName, string>>,
): ImpactFigure {
  const values = [...sum.held.values()].map((held) => held.quantity * held.vector.unit_value);
  const before = scoreOf(values);
  const index = [...sum.held.keys()].indexOf(vector.instrument_id);
  const traded = quantity * vector.unit_value;
  if (index < 0) values.push(traded);
  else values[index] = values[index]! + traded;
  const after = scoreOf(values);
  if (after === null) missing.concentration = 'no position has a value';
  return figure(before, after);
}

/** Herfindahl-Hirschman index of position values: 1 for a single position; null for none. */
function scoreOf(values: number[]): number | null {
  const open = values.filter((value) => value !== 0);
  const result = open.length === 0 ? undefined : concentration(open);
  return result?.ok ? result.value.herfindahl : null;
}

function figure(before: number | null, after: number | null): ImpactFigure {
  const change = before === null || after === null ? null : after - before;
  if (!isFiniteOrNull(before) || !isFiniteOrNull(after)) return UNKNOWN;
  return { before, after, change };
}

function isFiniteOrNull(value: number | null): boolean {
  return value === null || Number.isFinite(value);
}

function unavailable(reason: string): RiskImpactReport {
  const figures = Object.fromEntries(IMPACT_NAMES.map((name) => [name, UNKNOWN])) as {
    [N in ImpactName]: ImpactFigure;
  };
  const reasons = Object.fromEntries(IMPACT_NAMES.map((name) => [name, reason]));
  return {
    ...figures,
    missing: { ...reasons, margin: NO_MARGIN_MODEL },
    scenario_set_id: null,
    as_of: null,
  };
}
