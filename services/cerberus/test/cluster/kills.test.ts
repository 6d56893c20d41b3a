import { describe, expect, test } from '@jest/globals';
import { runClusterCampaign } from '../../../../deploy/faults/cluster-kills.ts';

// A short run of the campaign that `npm run -s chaos:cluster -- --kills 300` runs at length.
const suite = process.env['CERBERUS_TEST_CLUSTER'] === undefined ? describe.skip : describe;
const KILLS = 40;
const LIMIT_MS = 1_200_000;

suite('kill -9 in a cluster under a steady order flow (npm run test:cluster)', () => {
  test(
    'everything comes back by itself; nothing is lost, doubled or from nowhere',
    async () => {
      const result = await runClusterCampaign({
        ...{ kills: KILLS, seed: 42, ordersPerSecond: 10, port: 28_000, scale: '', brokers: 1 },
      });
      console.log(JSON.stringify(result));
      expect(result).toMatchObject({ clean: true, kills: KILLS, not_recovered: [] });
      expect(result.approvals).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
});
