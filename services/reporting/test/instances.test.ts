import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, Metrics, SystemClock } from '@cerberus/runtime';
import type { Position } from '@cerberus/schema';
import {
  type EmbeddedPostgres,
  historySeries,
  PostgresStore,
  readSeries,
  type Store,
  startEmbeddedPostgres,
} from '@cerberus/store';
import { eventually, type FleetInstance, ServiceFleet } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HISTORY_TOPICS } from '../src/history-rows.ts';
import { type ReportingConfig, reporting } from '../src/index.ts';
import { BTC, position } from './records.ts';

/** `host:port` of a broker to test against, e.g. of `npm run infra:up -- kafka`. */
const BROKER = process.env['CERBERUS_TEST_KAFKA'];
const TEST_LIMIT_MS = 240_000;
const ACCOUNTS = Array.from({ length: 40 }, (_each, index) => `account-${index}`);
const CONFIG: ReportingConfig = {
  ...{ lingerMs: 20, batchRows: 500, bufferRows: 5000, rollUpEveryMs: 500 },
  ...{ riskDays: 14, minuteDays: 90, hourDays: 1826, barDays: 1826, ledgerDays: 3653 },
};

const clock = new SystemClock();
const log = createLogger({ name: 'test', level: 'silent', format: 'json' });
const { positions } = historySeries();

suite('one bus in one process', undefined);
if (BROKER === undefined) {
  describe('several reporting services: Kafka', () => {
    test.skip('CERBERUS_TEST_KAFKA is not set', () => expect(BROKER).toBeDefined());
  });
} else suite('Kafka', BROKER);

function suite(name: string, broker: string | undefined): void {
  describe(`several reporting services: ${name}`, () => {
    let folder: string;
    let engine: EmbeddedPostgres;
    let store: Store;
    let fleet: ServiceFleet;
    let at: number;
    let round: number;

    beforeEach(async () => {
      folder = mkdtempSync(join('/tmp', 'cerberus-reporting-'));
      chmodSync(folder, 0o755);
      engine = await startEmbeddedPostgres({ folder, startTimeoutMs: 60_000, clock, log });
      store = await PostgresStore.connect({
        connection: engine.connection,
        ...{ poolSize: 8, statementTimeoutMs: 15_000, connectTimeoutMs: 3000 },
        ...{ clock, log, metrics: new Metrics('test') },
      });
      fleet = await ServiceFleet.open({ broker, topics: HISTORY_TOPICS });
      at = clock.nowUs() - 3_600_000_000;
      round = 0;
    }, TEST_LIMIT_MS);
    afterEach(async () => {
      await fleet.close();
      await store.close();
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    }, TEST_LIMIT_MS);

    /** The services share the database, as they do in a cluster. */
    function start(instance: string): Promise<FleetInstance> {
      const definition = {
        ...reporting,
        create: (context: Omit<Parameters<typeof reporting.create>[0], 'store'>) =>
          reporting.create({ ...context, store }),
      };
      return fleet.start(definition, CONFIG, instance);
    }

    async function trade(rounds: number): Promise<void> {
      for (let count = 0; count < rounds; count += 1, round += 1) {
        const records = ACCOUNTS.map((account_id): Position => {
          const position_id = `${account_id}|${BTC}`;
          return { ...position(at + round, String(round), round), account_id, position_id };
        });
        await fleet.append('position', ...records);
      }
    }

    async function handled({ host }: FleetInstance): Promise<number> {
      const text = await host.metrics.render();
      const line = /reporting_records_total\{topic="position",outcome="handled".*\} (\d+)/.exec(
        text,
      );
      return Number(line?.[1] ?? 0);
    }

    async function rows(): Promise<number> {
      const { rows: found } = await store.query<{ n: bigint }>(
        'SELECT count(*) AS n FROM series.position',
      );
      return Number(found[0]!.n);
    }

    test(
      'a second one takes its share, one that goes leaves its share, and every row is there once',
      async () => {
        const first = await start('reporting-1');
        await trade(20);
        const second = await start('reporting-2');
        await eventually('both have their share', async () => {
          await trade(1);
          return (await handled(first)) > 0 && (await handled(second)) > 0;
        });
        await trade(10);
        const stopping = first.stop();
        await trade(10);
        await stopping;
        await trade(5);
        const wanted = round * ACCOUNTS.length;
        await eventually(`${wanted} rows`, async () => (await rows()) === wanted, 120_000);
        await eventually('the roll-ups hold them all', async () => {
          const days = await readSeries(store, positions, {
            ...{ interval: '1d', key: {}, fromUs: 0, toUs: at + 1e12, limit: 1000 },
          });
          const samples = days.reduce((sum, { values }) => sum + Number(values['samples']), 0);
          return samples === wanted;
        });
        expect(await rows()).toBe(wanted);
      },
      TEST_LIMIT_MS,
    );
  });
}
