import { decimal } from '@cerberus/core';
import { eventually, type FleetInstance, type Told } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ACCOUNTS, RiskFleet, VECTORS } from './risk-fleet.ts';

/** `host:port` of a broker to test against, e.g. of `npm run infra:up -- kafka`. */
const BROKER = process.env['CERBERUS_TEST_KAFKA'];
/** Each test waits for many rounds, on a broker that others may use. */
const TEST_LIMIT_MS = 120_000;

function suite(name: string, broker: string | undefined): void {
  describe(`several risk engines: ${name}`, () => {
    let risk: RiskFleet;

    beforeEach(async () => {
      risk = await RiskFleet.open(broker);
    }, TEST_LIMIT_MS);
    afterEach(() => risk.close(), TEST_LIMIT_MS);

    async function owned({ host }: FleetInstance): Promise<number> {
      const found = /risk_accounts_owned\S* (\d+)/.exec(await host.metrics.render());
      return Number(found![1]);
    }

    test(
      'each account and instrument is told by one, and the work is divided',
      async () => {
        const instances: FleetInstance[] = [];
        for (const member of ['a', 'b', 'c']) {
          instances.push(await risk.start(member));
          const members = instances.map((instance) => instance.name);
          await risk.shared(...members);
          const tellers = await risk.rounds();
          expect([...tellers.values()].every(({ size }) => size === 1)).toBe(true);
          for (const instance of instances) {
            const told = ACCOUNTS.filter((id) => tellers.get(id)!.has(instance.name));
            expect(told.length).toBeGreaterThan(0);
            expect(told).toHaveLength(await owned(instance));
          }
          const ofVectors = new Set(VECTORS.flatMap((id) => [...tellers.get(id)!]));
          expect([...ofVectors].sort()).toEqual(members);
          // Whoever lost an account says nothing more of it, least of all that it holds nothing.
          const empty = risk.greeks.filter(({ message }) => message.positions.length === 0);
          expect(empty).toEqual([]);
        }
      },
      TEST_LIMIT_MS,
    );

    test(
      'what one leaves the others tell at once, without a tick',
      async () => {
        const [a, b] = [await risk.start('a'), await risk.start('b')];
        await risk.start('c');
        await risk.shared('a', 'b', 'c');
        const tellers = await risk.rounds();
        await risk.quiet();
        let of = (member: string) => ACCOUNTS.filter((id) => tellers.get(id)!.has(member));
        for (const [leaver, rest] of [
          [b, ['a', 'c']],
          [a, ['c']],
        ] as const) {
          const left = of(leaver.name);
          expect(left.length).toBeGreaterThan(0);
          risk.forget();
          await leaver.stop();
          const isBy = (id: string) => (told: Told<'risk.greeks'> | Told<'risk.metrics'>) =>
            told.message.account_id === id && rest.some((member) => member === told.member);
          await eventually('their Greeks and figures', () =>
            left.every((id) => risk.greeks.some(isBy(id)) && risk.metrics.some(isBy(id))),
          );
          // Told warm: valued at the last price, with its volatility and its history.
          for (const { message } of risk.metrics) {
            expect(message.missing).toEqual({});
            expect(message.values['var_95_1d']).toBeGreaterThan(0);
          }
          for (const { message } of risk.greeks) expect(message.quality).toBe('OK');
          await risk.shared(...rest);
          const now = await risk.rounds();
          of = (member) => ACCOUNTS.filter((id) => now.get(id)!.has(member));
        }
      },
      TEST_LIMIT_MS,
    );

    test(
      'what was closed while nobody answered is told by who answers next',
      async () => {
        const a = await risk.start('a');
        await risk.shared('a');
        const [closed] = ACCOUNTS as [string];
        const isOf = ({ message }: Told<'risk.greeks'>) => message.account_id === closed;
        await eventually('what it holds', () => risk.greeks.some(isOf));
        expect(risk.greeks.findLast(isOf)!.message.positions).toHaveLength(2);
        await a.stop();
        const flat = risk.holdings(closed, 0).map((each) => ({ ...each, quantity: decimal('0') }));
        await risk.fleet.append('position', ...flat);
        risk.forget();
        await risk.start('b');
        await eventually('that nothing is left', () => risk.greeks.some(isOf));
        const told = risk.greeks.filter(isOf);
        expect(told.every(({ message }) => message.positions.length === 0)).toBe(true);
        expect(told.at(-1)).toMatchObject({ member: 'b', message: { totals: { delta: 0 } } });
      },
      TEST_LIMIT_MS,
    );
  });
}

suite('embedded', undefined);
if (BROKER === undefined) {
  describe('several risk engines: Kafka', () => {
    test.skip('needs a broker: CERBERUS_TEST_KAFKA=host:port', () => undefined);
  });
} else suite('Kafka', BROKER);
