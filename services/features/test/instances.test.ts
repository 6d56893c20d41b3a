import type { Quote, TopicName } from '@cerberus/schema';
import { eventually, ServiceFleet, type Told } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { features } from '../src/index.ts';

/** `host:port` of a broker to test against, e.g. of `npm run infra:up -- kafka`. */
const BROKER = process.env['CERBERUS_TEST_KAFKA'];
const TOPICS: readonly TopicName[] = ['md.quote', 'md.status', 'feature.value'];
const INSTRUMENTS = Array.from({ length: 20 }, (_, n) => `COIN${n}USDT.BINANCE`);
const CONFIG = {
  ...{ sampleSeconds: 1, ewmaHalfLifeSeconds: 5, ewmaWarmup: 3, realisedWindow: 4 },
  publishEveryMs: 0,
};
const START_S = 1_767_225_600;
const TEST_LIMIT_MS = 120_000;

function quote(instrument_id: string, second: number): Quote {
  const at = (START_S + second) * 1e6;
  const mid = 100 + (second % 5);
  return {
    ...{ instrument_id, venue: 'BINANCE', event_time: at, receive_time: at, sequence: second },
    ...{ bid_price: mid - 0.5, ask_price: mid + 0.5, bid_quantity: 3, ask_quantity: 1 },
    quality: 'OK',
  } as Quote;
}

function suite(name: string, broker: string | undefined): void {
  describe(`several feature services: ${name}`, () => {
    let fleet: ServiceFleet;
    let told: Told<'feature.value'>[];
    let second: number;

    beforeEach(async () => {
      fleet = await ServiceFleet.open({ broker, topics: TOPICS });
      told = await fleet.watch('feature.value');
      second = 0;
    }, TEST_LIMIT_MS);
    afterEach(() => fleet.close(), TEST_LIMIT_MS);

    async function tick(times = 1): Promise<void> {
      for (let n = 0; n < times; n += 1, second += 1) {
        await fleet.publish('md.quote', ...INSTRUMENTS.map((id) => quote(id, second)));
      }
    }

    /** Ticks until these tell all; then who tells what on the next tick. */
    async function shared(...members: readonly string[]): Promise<Map<string, string>> {
      await eventually(`${members.join(', ')} tell all`, async () => {
        await tick();
        const last = told.slice(-INSTRUMENTS.length * 2);
        const ids = new Set(last.map(({ message }) => message.instrument_id));
        const tellers = new Set(last.map(({ member }) => member));
        return ids.size === INSTRUMENTS.length && [...tellers].sort().join() === members.join();
      });
      const upTo = second * 1e6 + START_S * 1e6;
      await tick(2);
      const isNew = ({ message }: Told<'feature.value'>) =>
        message.as_of - message.inputs[0]!.age_ms! * 1000 >= upTo - 1000;
      await eventually(
        'two more of each',
        () => told.filter(isNew).length >= 2 * INSTRUMENTS.length,
      );
      const now = told.filter(isNew);
      expect(now).toHaveLength(2 * INSTRUMENTS.length);
      const tellers = new Map(now.map(({ message, member }) => [message.instrument_id, member]));
      for (const { message, member } of now) {
        expect(tellers.get(message.instrument_id)).toBe(member);
      }
      return tellers;
    }

    const start = (member: string) => fleet.start(features, CONFIG, member);

    test(
      'each instrument is told by one; what one leaves the other tells at once, and warm',
      async () => {
        await start('a');
        await shared('a');
        await tick(10);
        const b = await start('b');
        const tellers = await shared('a', 'b');
        // A newcomer has read what was quoted before it came: its volatilities are those of the other.
        const ofB = told.filter(({ member }) => member === 'b');
        expect(ofB.length).toBeGreaterThan(0);
        for (const { message } of ofB) expect(message.missing).toEqual({});
        const left = INSTRUMENTS.filter((id) => tellers.get(id) === 'b');
        told.length = 0;
        await b.stop();
        await eventually('what b told', () =>
          left.every((id) =>
            told.some(({ message, member }) => message.instrument_id === id && member === 'a'),
          ),
        );
        expect(told.every(({ message }) => Object.keys(message.missing).length === 0)).toBe(true);
        await shared('a');
      },
      TEST_LIMIT_MS,
    );
  });
}

suite('embedded', undefined);
if (BROKER === undefined) {
  describe('several feature services: Kafka', () => {
    test.skip('needs a broker: CERBERUS_TEST_KAFKA=host:port', () => undefined);
  });
} else suite('Kafka', BROKER);
