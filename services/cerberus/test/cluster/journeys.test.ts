import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRng } from '@cerberus/runtime';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from '../../../../deploy/faults/cluster-process.ts';
import { isClean, judge } from '../../../../deploy/faults/judge.ts';
import { readClusterLog } from '../../../../deploy/faults/ledger-log.ts';
import { OrderFlow } from '../../../../deploy/faults/order-flow.ts';
import { comeToRest, pause } from '../../../../deploy/faults/platform-client.ts';
import { Client, followsAnOrderEndToEnd, refusesBadOrders } from '../end-to-end.ts';

// The journeys of the embedded run over a real cluster: every service its own process.
const suite = process.env['CERBERUS_TEST_CLUSTER'] === undefined ? describe.skip : describe;
/** Below the ports that the system gives to connections. */
const PORT = 32_000;
const START_MS_MAX = 240_000;
/** Under a steady flow, between two changes of the number of instances. */
const BETWEEN_MS = 6000;

suite('a cluster (npm run test:cluster)', () => {
  let folder: string;
  let cluster: Cluster;
  const platform = () => ({ url: cluster.url, apiKey: cluster.apiKey() });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cerberus-cluster-'));
    chmodSync(folder, 0o755); // PostgreSQL, which never runs as root, must reach its data.
    cluster = new Cluster({ folder, port: PORT, scale: '', brokers: 1, brief: true });
    await cluster.start();
  }, START_MS_MAX);

  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, START_MS_MAX);

  test('an order goes from REST to TCA under one trace id', () => {
    return followsAnOrderEndToEnd(platform());
  }, 60_000);

  test('bad orders are refused with code and field', () => refusesBadOrders(platform()), 60_000);

  const allReady = async () => {
    const states = await Promise.all(cluster.instances.map((one) => cluster.isReady(one)));
    return states.every(Boolean);
  };

  test('one of the candidates leads, and says since when and with which token', async () => {
    const { items } = await new Client(platform()).get('/leader');
    expect(items).toEqual([
      expect.objectContaining({
        service: 'execution',
        state: 'leading',
        token: expect.any(Number),
        since: expect.stringMatching(/^\d{4}-/),
      }),
    ]);
  });

  test(
    'started again it stays as it is',
    async () => {
      await cluster.start();
      expect(await allReady()).toBe(true);
    },
    START_MS_MAX,
  );

  test(
    'instances come and go under a steady flow: nothing lost, no order answered twice',
    async () => {
      const flow = new OrderFlow({
        ...{ url: cluster.url, apiKey: () => cluster.apiKey(), ordersPerSecond: 10 },
        rng: new SeededRng(5),
      });
      flow.start();
      for (const scale of ['risk-engine=3,pre-trade=3', 'risk-engine=2,pre-trade=2', '']) {
        await pause(BETWEEN_MS);
        await cluster.scale(scale);
        // Whoever gives partitions away is not ready for a moment either.
        while (!(await allReady())) await pause(100);
      }
      await pause(BETWEEN_MS);
      await flow.stop();
      expect(await comeToRest(cluster)).toEqual([]);
      const verdict = judge({
        log: await readClusterLog(cluster),
        venueLedger: cluster.venueLedger,
        acknowledged: flow.acknowledgedIds,
      });
      expect({ ...verdict, clean: isClean(verdict) }).toMatchObject({ clean: true });
      expect(verdict.venue_fills).toBeGreaterThan(0);
    },
    START_MS_MAX,
  );
});
