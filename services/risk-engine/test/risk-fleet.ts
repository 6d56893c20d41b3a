import type { EpochUs } from '@cerberus/core';
import { eventually, type FleetInstance, ServiceFleet, type Told } from '@cerberus/testkit';
import { riskEngine } from '../src/index.ts';
import {
  closesOf,
  dailyBar,
  INVERSE,
  linear,
  option,
  PERPETUAL,
  position,
  quote,
  SPOT,
} from './book.ts';
import { FLEET_CONFIG, FLEET_TOPICS } from './fleet-config.ts';

export const ACCOUNTS = Array.from({ length: 18 }, (_, n) => `account-${n}`);
const CALLS = Array.from({ length: 12 }, (_, n) => `BTC-CALL-${n}.OTC`);
export const VECTORS = [SPOT, ...CALLS];
const RETURNS = Array.from({ length: 40 }, (_, i) => (((i * 37) % 40) - 20) / 1000);
const S = 61_000;
const ROUNDS = 3;
const TICK_EVERY_MS = 50;

/** Risk engines over one book under ticks, and who of them tells what. */
export class RiskFleet {
  readonly fleet: ServiceFleet;
  readonly greeks: Told<'risk.greeks'>[];
  readonly metrics: Told<'risk.metrics'>[];
  readonly scenarios: Told<'risk.scenarios'>[];
  readonly now: EpochUs;
  #isTicking = true;
  #ticker: Promise<void> = Promise.resolve();

  private constructor(
    fleet: ServiceFleet,
    seen: Pick<RiskFleet, 'greeks' | 'metrics' | 'scenarios' | 'now'>,
  ) {
    this.fleet = fleet;
    this.greeks = seen.greeks;
    this.metrics = seen.metrics;
    this.scenarios = seen.scenarios;
    this.now = seen.now;
  }

  static async open(broker: string | undefined): Promise<RiskFleet> {
    const fleet = await ServiceFleet.open({ broker, topics: FLEET_TOPICS });
    const risk = new RiskFleet(fleet, {
      greeks: await fleet.watch('risk.greeks'),
      metrics: await fleet.watch('risk.metrics'),
      scenarios: await fleet.watch('risk.scenarios'),
      now: (Date.now() * 1000) as EpochUs,
    });
    const calls = CALLS.map((id) => option(id, risk.now));
    await fleet.append('ref.instrument', ...linear(risk.now), ...calls);
    await fleet.append('position', ...ACCOUNTS.flatMap((id, index) => risk.holdings(id, index)));
    const bars = closesOf(S, RETURNS).map((close, day) => dailyBar(SPOT, 20_000 + day, close));
    await fleet.publish('md.bar', ...bars);
    risk.#ticker = risk.#tick();
    return risk;
  }

  /** One bitcoin for each, and one of the calls sold. */
  holdings(account: string, index: number) {
    const call = CALLS[index % CALLS.length]!;
    return [
      position(SPOT, this.now, { quantity: '1', average: '50000', account }),
      position(call, this.now, { quantity: '-1', average: '7000', account }),
    ];
  }

  start(member: string): Promise<FleetInstance> {
    return this.fleet.start(riskEngine, FLEET_CONFIG, member);
  }

  /** Ends the ticks. */
  async quiet(): Promise<void> {
    this.#isTicking = false;
    await this.#ticker;
  }

  async close(): Promise<void> {
    await this.quiet();
    await this.fleet.close();
  }

  forget(): void {
    for (const seen of [this.greeks, this.metrics, this.scenarios]) seen.length = 0;
  }

  /** Waits until these, and no others, tell all accounts, and forgets what was told before. */
  async shared(...members: readonly string[]): Promise<void> {
    await eventually(`all accounts are told by ${members.join(', ')}`, () => {
      const last = new Map(this.metrics.map(({ message, member }) => [message.account_id, member]));
      const tellers = new Set(last.values());
      return last.size === ACCOUNTS.length && [...tellers].sort().join() === members.join();
    });
    this.forget();
    await this.#told();
    this.forget();
  }

  /** Waits for some rounds of everything, and gives who told what of each key. */
  async rounds(): Promise<Map<string, Set<string>>> {
    await this.#told(ROUNDS);
    const tellers = new Map<string, Set<string>>();
    const note = (key: string, member: string) =>
      tellers.set(key, (tellers.get(key) ?? new Set()).add(member));
    for (const { message, member } of this.metrics) note(message.account_id, member);
    for (const { message, member } of this.greeks) note(message.account_id, member);
    for (const { message, member } of this.scenarios) note(message.instrument_id, member);
    return tellers;
  }

  /** Of every account figures, and Greeks where there are ticks; of every instrument its vector. */
  async #told(times = 1): Promise<void> {
    await eventually(`${times} rounds of everything`, () => {
      const figures = this.metrics.map(({ message }) => message.account_id);
      const reports = this.greeks.map(({ message }) => message.account_id);
      const vectors = this.scenarios.map(({ message }) => message.instrument_id);
      return (
        repeated(figures, ACCOUNTS, times) &&
        (!this.#isTicking || repeated(reports, ACCOUNTS, times)) &&
        repeated(vectors, VECTORS, times)
      );
    });
  }

  async #tick(): Promise<void> {
    for (let step = 0; this.#isTicking; step += 1) {
      const at = (Date.now() * 1000) as EpochUs;
      const quotes = [SPOT, PERPETUAL, INVERSE].map((id) => quote(id, at, S + (step % 100)));
      await this.fleet.publish('md.quote', ...quotes);
      await new Promise((resolve) => setTimeout(resolve, TICK_EVERY_MS));
    }
  }
}

function repeated(seen: readonly string[], keys: readonly string[], times: number): boolean {
  const counts = new Map<string, number>();
  for (const key of seen) counts.set(key, (counts.get(key) ?? 0) + 1);
  return keys.every((key) => (counts.get(key) ?? 0) >= times);
}
