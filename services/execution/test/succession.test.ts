import { decimal, type EpochUs } from '@cerberus/core';
import { SeededRng, SystemClock } from '@cerberus/runtime';
import type { Store } from '@cerberus/store';
import { eventually } from '@cerberus/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Contender, FLAWLESS, openStore, TradingFloor } from './trading-floor.ts';

const clock = new SystemClock();
const ROUNDS = 12;
const FAULTS = ['drop_after', 'error_after', 'garbage_after', 'drop_before', 'error_before'];

let database: { store: Store; close(): Promise<void> };
let floor: TradingFloor;

beforeAll(async () => {
  database = await openStore();
}, 60_000);
afterAll(() => database.close());
beforeEach(async () => {
  floor = await TradingFloor.open(database.store);
});
afterEach(() => floor.close());

/** Every third order rests until the end; the others are filled at once. */
async function order(id: string, rests: boolean): Promise<void> {
  const over = { quantity: decimal('0.001'), expires_at: (floor.now + 60_000_000) as EpochUs };
  if (rests) await floor.rest(id, over);
  else await floor.approve(id, over);
}

describe('leaders that follow one another', () => {
  test.each([1, 2])(
    'killed or stopped at random moments under order flow (seed %i): nothing doubled, nothing lost',
    async (seed) => {
      const rng = new SeededRng(seed);
      const election = await floor.election();
      const standing: Contender[] = [
        await floor.contender(election, 'n0'),
        await floor.contender(election, 'n1'),
      ];
      await floor.leadingBy('n0');
      let orders = 0;
      const sent: Promise<void>[] = [];
      const flow = clock.every(15, () => {
        orders += 1;
        sent.push(order(`o${orders}`, orders % 3 === 0));
      });
      for (let round = 0; round < ROUNDS; round += 1) {
        if (rng.nextDouble() < 0.7) {
          const way = FAULTS[Math.floor(rng.nextDouble() * FAULTS.length)]!;
          floor.faultOnPlace(way);
        }
        await clock.sleep(rng.nextDouble() * 600);
        const leader = standing.shift()!;
        await (rng.nextDouble() < 0.7 ? leader.kill() : leader.stop());
        standing.push(await floor.contender(election, `n${round + 2}`));
        // Some die before they have taken over.
        if (rng.nextDouble() < 0.7) await floor.leadingBy(`n${round + 1}`);
      }
      flow.cancel();
      await Promise.all(sent);
      floor.sim.faults.clear();
      const rests = floor.approvals.filter(({ order_type }) => order_type === 'LIMIT');
      for (const { order_id } of rests) await floor.cancel(order_id);
      await eventually('every order has come to its end', () => floor.audit().lost === 0, 60_000);
      expect(floor.audit()).toEqual(FLAWLESS);
      expect(orders).toBeGreaterThan(ROUNDS * 10);
      expect(standing.every(({ exits }) => exits.length === 0)).toBe(true);
    },
    180_000,
  );

  test('one that was deposed stands again, warm and right', async () => {
    const election = await floor.election();
    const first = await floor.contender(election, 'first');
    await floor.contender(election, 'second');
    await floor.leadingBy('first');
    await floor.rest('o1');
    await floor.reaches('o1', 'NEW');
    // Longer than the lease, nothing runs here: both find that their time is over.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
    await floor.leadingBy('second');
    await floor.approve('o2');
    await floor.reaches('o2', 'FILLED');
    await floor.sellInto('o1', '0.04');
    await floor.reaches('o1', 'PARTIALLY_FILLED');
    await floor.contenderNamed('second').stop();
    await floor.leadingBy('first');
    await floor.cancel('o1');
    await floor.reaches('o1', 'CANCELED');
    expect(floor.last('o1')!.filled_quantity).toBe(decimal('0.04'));
    expect(floor.audit()).toEqual(FLAWLESS);
    expect(first.exits).toEqual([]);
  });
});
