import { decimal, type EpochUs } from '@cerberus/core';
import type { TopicName } from '@cerberus/schema';
import { eventually, type FleetInstance, ServiceFleet, type Told } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RiskEngineConfig } from '../src/config.ts';
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

/** `host:port` of a broker to test against, e.g. of `npm run infra:up -- kafka`. */
const BROKER = process.env['CERBERUS_TEST_KAFKA'];
const TOPICS: readonly TopicName[] = [
  ...(['position', 'account', 'ref.instrument', 'feature.value', 'md.quote', 'md.bar'] as const),
  ...(['risk.greeks', 'risk.metrics', 'risk.scenarios'] as const),
];
const ACCOUNTS = Array.from({ length: 18 }, (_, n) => `account-${n}`);
const CALLS = Array.from({ length: 12 }, (_, n) => `BTC-CALL-${n}.OTC`);
const RETURNS = Array.from({ length: 40 }, (_, i) => (((i * 37) % 40) - 20) / 1000);
const S = 61_000;
const CONFIG: RiskEngineConfig = {
  references: { BTC: SPOT },
  ...{ rate: 0, dollarCurrencies: ['USD', 'USDT'], greeksEveryMs: 0 },
  ...{ metricsEveryMs: 40, scenariosEveryMs: 200, historyDays: 200, historyDaysMin: 30 },
  ...{ historyFile: '', ewmaDecay: 0.94, staleAfterMs: 600_000 },
};

function suite(name: string, broker: string | undefined): void {
  describe(`several risk engines: ${name}`, () => {
    let fleet: ServiceFleet;
    let now: EpochUs;
    let greeks: Told<'risk.greeks'>[];
    let metrics: Told<'risk.metrics'>[];
    let scenarios: Told<'risk.scenarios'>[];
    let isTicking: boolean;
    let ticker: Promise<void>;

    beforeEach(async () => {
      fleet = await ServiceFleet.open({ broker, topics: TOPICS });
      now = (Date.now() * 1000) as EpochUs;
      greeks = await fleet.watch('risk.greeks');
      metrics = await fleet.watch('risk.metrics');
      scenarios = await fleet.watch('risk.scenarios');
      await fleet.append('ref.instrument', ...linear(now), ...CALLS.map((id) => option(id, now)));
      await fleet.append('position', ...ACCOUNTS.flatMap(holdings));
      const bars = closesOf(S, RETURNS).map((close, day) => dailyBar(SPOT, 20_000 + day, close));
      await fleet.publish('md.bar', ...bars);
      isTicking = true;
      ticker = tickOn();
    });
    afterEach(async () => {
      await quiet();
      await fleet.close();
    });

    /** One bitcoin for each, and one of the calls. */
    function holdings(account: string, index: number) {
      const call = CALLS[index % CALLS.length]!;
      return [
        position(SPOT, now, { quantity: '1', average: '50000', account }),
        position(call, now, { quantity: '-1', average: '7000', account }),
      ];
    }

    async function tickOn(): Promise<void> {
      for (let step = 0; isTicking; step += 1) {
        const at = (Date.now() * 1000) as EpochUs;
        const quotes = [SPOT, PERPETUAL, INVERSE].map((id) => quote(id, at, S + (step % 100)));
        await fleet.publish('md.quote', ...quotes);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }

    /** Ends the ticks. */
    async function quiet(): Promise<void> {
      isTicking = false;
      await ticker;
    }

    function forget(): void {
      for (const seen of [greeks, metrics, scenarios]) seen.length = 0;
    }

    const start = (member: string) => fleet.start(riskEngine, CONFIG, member);

    async function owned({ host }: FleetInstance): Promise<number> {
      const found = /risk_accounts_owned\S* (\d+)/.exec(await host.metrics.render());
      return Number(found![1]);
    }

    /** Waits until they have shared the accounts among them, and forgets what was told before. */
    async function shared(...instances: readonly FleetInstance[]): Promise<void> {
      await eventually('every account has an owner, every instance accounts', async () => {
        const counts = await Promise.all(instances.map(owned));
        return counts.every((n) => n > 0) && counts.reduce((a, b) => a + b) === ACCOUNTS.length;
      });
      // Records on their way when the last partition moved.
      await told(instances.at(-1)!.name);
      forget();
    }

    const told = (member: string) =>
      eventually(`figures of ${member}`, () => metrics.some((each) => each.member === member));

    /** Waits for some rounds of everything, and gives who told what of each key. */
    async function rounds(): Promise<Map<string, Set<string>>> {
      await eventually('five rounds', () => {
        const everyone = (seen: readonly string[], keys: readonly string[], times: number) =>
          keys.every((key) => seen.filter((each) => each === key).length >= times);
        return (
          everyone(
            metrics.map(({ message }) => message.account_id),
            ACCOUNTS,
            5,
          ) &&
          everyone(
            greeks.map(({ message }) => message.account_id),
            ACCOUNTS,
            5,
          ) &&
          everyone(
            scenarios.map(({ message }) => message.instrument_id),
            [SPOT, ...CALLS],
            3,
          )
        );
      });
      const tellers = new Map<string, Set<string>>();
      const note = (key: string, member: string) =>
        tellers.set(key, (tellers.get(key) ?? new Set()).add(member));
      for (const { message, member } of metrics) note(message.account_id, member);
      for (const { message, member } of greeks) note(message.account_id, member);
      for (const { message, member } of scenarios) note(message.instrument_id, member);
      return tellers;
    }

    test('each account and instrument is told by one, and the work is divided', async () => {
      const a = await start('a');
      await shared(a);
      const alone = await rounds();
      expect(new Set([...alone.values()].flatMap((set) => [...set]))).toEqual(new Set(['a']));
      const b = await start('b');
      await shared(a, b);
      const both = await rounds();
      expect([...both.values()].every(({ size }) => size === 1)).toBe(true);
      expect(new Set([...both.values()].flatMap((set) => [...set]))).toEqual(new Set(['a', 'b']));
      const c = await start('c');
      await shared(a, b, c);
      const three = await rounds();
      expect([...three.values()].every(({ size }) => size === 1)).toBe(true);
      const accountsOf = (member: string) => ACCOUNTS.filter((id) => three.get(id)!.has(member));
      for (const instance of [a, b, c]) {
        expect(accountsOf(instance.name)).toHaveLength(await owned(instance));
        expect(accountsOf(instance.name).length).toBeLessThan(ACCOUNTS.length / 2 + 1);
      }
      // Whoever lost an account says nothing more of it, least of all that it holds nothing.
      expect(greeks.filter(({ message }) => message.positions.length === 0)).toEqual([]);
    });

    test('what one leaves the others tell at once, without a tick', async () => {
      const instances = [await start('a'), await start('b'), await start('c')];
      await shared(...instances);
      const before = await rounds();
      await quiet();
      const [a, b, c] = instances as [FleetInstance, FleetInstance, FleetInstance];
      for (const [leaver, rest] of [
        [b, [a, c]],
        [a, [c]],
      ] as const) {
        const left = ACCOUNTS.filter((id) => before.get(id)!.has(leaver.name));
        expect(left.length).toBeGreaterThan(0);
        forget();
        await leaver.stop();
        const staying = new Set(rest.map(({ name: member }) => member));
        await eventually('their Greeks and figures', () =>
          left.every((id) =>
            [greeks, metrics].every((seen) =>
              seen.some(({ message, member }) => message.account_id === id && staying.has(member)),
            ),
          ),
        );
        // Told warm: valued at the last price, with its volatility and its history.
        for (const { message, member } of metrics) {
          if (!staying.has(member)) continue;
          expect(message.missing).toEqual({});
          expect(message.values['var_95_1d']).toBeGreaterThan(0);
        }
        for (const { message } of greeks) expect(message.quality).toBe('OK');
        await shared(...rest);
      }
      await eventually('the vectors of all', () =>
        [SPOT, ...CALLS].every((id) =>
          scenarios.some(({ message, member }) => message.instrument_id === id && member === 'c'),
        ),
      );
    });

    test('what was closed while nobody, or another, answered is told by who answers next', async () => {
      const a = await start('a');
      await shared(a);
      const [closed] = ACCOUNTS as [string];
      const isOf = ({ message }: Told<'risk.greeks'>) => message.account_id === closed;
      await eventually('what it holds', () => greeks.some(isOf));
      expect(greeks.findLast(isOf)!.message.positions).toHaveLength(2);
      await a.stop();
      const flat = holdings(closed, 0).map((held) => ({ ...held, quantity: decimal('0') }));
      await fleet.append('position', ...flat);
      forget();
      await start('b');
      await eventually('that nothing is left', () => greeks.some(isOf));
      const nothing = greeks.findLast(isOf)!;
      expect(nothing.message).toMatchObject({ positions: [], totals: { delta: 0 } });
      expect(nothing.member).toBe('b');
      expect(greeks.filter(isOf).every(({ message }) => message.positions.length === 0)).toBe(true);
    });
  });
}

suite('embedded', undefined);
if (BROKER === undefined) {
  describe('several risk engines: Kafka', () => {
    test.skip('needs a broker: CERBERUS_TEST_KAFKA=host:port', () => undefined);
  });
} else suite('Kafka', BROKER);
