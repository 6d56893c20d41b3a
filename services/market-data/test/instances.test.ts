import { SystemClock } from '@cerberus/runtime';
import { startVenueSim, type VenueSim } from '@cerberus/service-venue-sim';
import { eventually, type FleetInstance, ServiceFleet, type Told } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { marketData } from '../src/index.ts';
import {
  FLEET_TOPICS,
  fleetConfig,
  INSTRUMENTS,
  SPOT,
  SYMBOLS,
  venueTrades,
} from './fleet-config.ts';

/** `host:port` of a broker to test against, e.g. of `npm run infra:up -- kafka`. */
const BROKER = process.env['CERBERUS_TEST_KAFKA'];
const TEST_LIMIT_MS = 120_000;
function suite(name: string, broker: string | undefined): void {
  describe(`several market-data services: ${name}`, () => {
    let fleet: ServiceFleet;
    let sim: VenueSim;
    let trades: Told<'md.trade'>[];
    let books: Told<'md.book'>[];
    let statuses: Told<'md.status'>[];
    let bars: Told<'md.bar'>[];

    beforeEach(async () => {
      sim = await startVenueSim({ clock: new SystemClock(), accounts: [], seed: 5 });
      fleet = await ServiceFleet.open({ broker, topics: FLEET_TOPICS });
      trades = await fleet.watch('md.trade');
      books = await fleet.watch('md.book');
      statuses = await fleet.watch('md.status');
      bars = await fleet.watch('md.bar');
    }, TEST_LIMIT_MS);
    afterEach(async () => {
      await fleet.close();
      await sim.stop();
    }, TEST_LIMIT_MS);

    const start = (member: string) => fleet.start(marketData, fleetConfig(sim), member);

    /** Who told the state of each instrument last. */
    function tellers(): Map<string, string> {
      return new Map(statuses.map(({ message, member }) => [message.instrument_id, member]));
    }

    const shared = (...members: readonly string[]) =>
      eventually(`${members.join(', ')} tell all`, () => {
        const now = tellers();
        return (
          now.size === INSTRUMENTS.length &&
          [...new Set(now.values())].sort().join() === members.join()
        );
      });

    const tradesOf = (id: string) =>
      trades
        .filter(({ message }) => message.instrument_id === id)
        .map((told) => told.message.trade_id);

    async function moreTrades(): Promise<void> {
      const counts = INSTRUMENTS.map((id) => tradesOf(id).length);
      await eventually('more trades of all', () =>
        INSTRUMENTS.every((id, index) => tradesOf(id).length >= counts[index]! + 3),
      );
    }

    test(
      'each instrument is told by one; the next begins with a state and a whole book, and no trade is lost or told twice',
      async () => {
        const a: FleetInstance = await start('a');
        await shared('a');
        await moreTrades();
        const b = await start('b');
        await shared('a', 'b');
        await moreTrades();
        // Two rounds of states, which each tells every second: one teller an instrument.
        for (const seen of [statuses, books, bars]) seen.length = 0;
        await eventually('two rounds of states', () =>
          INSTRUMENTS.every(
            (id) => statuses.filter(({ message }) => message.instrument_id === id).length > 1,
          ),
        );
        const ofState = tellers();
        for (const { message, member } of [...statuses, ...books]) {
          expect([message.instrument_id, member]).toEqual([
            message.instrument_id,
            ofState.get(message.instrument_id),
          ]);
        }
        const left = INSTRUMENTS.filter((id) => ofState.get(id) === 'a');
        expect(left.length).toBeGreaterThan(0);
        for (const seen of [statuses, books, bars]) seen.length = 0;
        await a.stop();
        await shared('b');
        await moreTrades();
        const byB = ({ member }: { readonly member: string }) => member === 'b';
        for (const id of left) {
          const isOf = ({ message }: { readonly message: { readonly instrument_id: string } }) =>
            message.instrument_id === id;
          expect(statuses.filter(isOf).find(byB)!.message.state).toBe('LIVE');
          await eventually('a book', () => books.filter(isOf).some(byB));
          expect(books.filter(isOf).find(byB)!.message.kind).toBe('SNAPSHOT');
          // The history that the log may have forgotten by then.
          const daily = bars.filter(isOf).filter(({ message }) => message.interval === '1d');
          expect(daily.filter(byB).length).toBeGreaterThanOrEqual(2);
        }
        const c = await start('c');
        await shared('b', 'c');
        await b.stop();
        await shared('c');
        await moreTrades();
        await c.stop();
        for (const [index, id] of SPOT.entries()) {
          const told = tradesOf(id);
          const venue = await venueTrades(sim, SYMBOLS[index]!);
          const [from, to] = [venue.indexOf(told[0]!), venue.indexOf(told.at(-1)!)];
          expect(told).toEqual(venue.slice(from, to + 1));
        }
      },
      TEST_LIMIT_MS,
    );
  });
}

suite('embedded', undefined);
if (BROKER === undefined) {
  describe('several market-data services: Kafka', () => {
    test.skip('needs a broker: CERBERUS_TEST_KAFKA=host:port', () => undefined);
  });
} else suite('Kafka', BROKER);
