import { SystemClock } from '@cerberus/runtime';
import { startVenueSim, type VenueSim } from '@cerberus/service-venue-sim';
import { eventually, ServiceFleet, type Told } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
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
const MODULE = new URL('../src/index.ts', import.meta.url).href;
const KILLS = 3;
const TEST_LIMIT_MS = 180_000;

const describeWithBroker = BROKER === undefined ? describe.skip : describe;

describeWithBroker('a killed market-data service (CERBERUS_TEST_KAFKA=host:port)', () => {
  let fleet: ServiceFleet;
  let sim: VenueSim;
  let trades: Told<'md.trade'>[];
  let statuses: Told<'md.status'>[];

  beforeEach(async () => {
    sim = await startVenueSim({ clock: new SystemClock(), accounts: [], seed: 6 });
    fleet = await ServiceFleet.open({ broker: BROKER, topics: FLEET_TOPICS });
    trades = await fleet.watch('md.trade');
    statuses = await fleet.watch('md.status');
  }, TEST_LIMIT_MS);
  afterEach(async () => {
    await fleet.close();
    await sim.stop();
  }, TEST_LIMIT_MS);

  function run(name: string): void {
    const { spotUrl, spotWsUrl, futuresUrl, futuresWsUrl } = sim;
    const config = fleetConfig({ spotUrl, spotWsUrl, futuresUrl, futuresWsUrl });
    fleet.run({ module: MODULE, definition: 'marketData', config }, name);
  }

  const shared = (...members: readonly string[]) =>
    eventually(`${members.join(', ')} tell all`, () => {
      const tellers = new Map(statuses.map((told) => [told.message.instrument_id, told.member]));
      const names = [...new Set(tellers.values())].sort();
      return tellers.size === INSTRUMENTS.length && names.join() === [...members].sort().join();
    });

  const tradesOf = (id: string) =>
    trades.filter((told) => told.message.instrument_id === id).map((told) => told.message.trade_id);

  async function moreTrades(): Promise<void> {
    const counts = SPOT.map((id) => tradesOf(id).length);
    await eventually('more trades', () =>
      SPOT.every((id, index) => tradesOf(id).length >= counts[index]! + 5),
    );
  }

  test(
    'leaves no gap in the trades: the standby goes on where the log ends',
    async () => {
      let [staying, next] = ['a', 'b'];
      run(staying);
      for (let killed = 0; killed < KILLS; killed += 1) {
        run(next);
        await shared(staying, next);
        await moreTrades();
        await fleet.kill(staying);
        await shared(next);
        await moreTrades();
        [staying, next] = [next, staying];
      }
      for (const [index, id] of SPOT.entries()) {
        const told = tradesOf(id);
        const venue = await venueTrades(sim, SYMBOLS[index]!);
        const [from, to] = [venue.indexOf(told[0]!), venue.indexOf(told.at(-1)!)];
        expect(from).toBeGreaterThanOrEqual(0);
        expect(told).toEqual(venue.slice(from, to + 1));
      }
    },
    TEST_LIMIT_MS,
  );
});
