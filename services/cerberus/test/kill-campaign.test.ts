import { describe, expect, test } from '@jest/globals';
import { runCampaign } from '../../../deploy/faults/embedded-kills.ts';

// A short run of the campaign that `npm run -s chaos -- --kills 200` runs at length.
describe('kill -9 under a steady order flow', () => {
  test('nothing is lost, doubled or from nowhere', async () => {
    const result = await runCampaign({ kills: 6, seed: 42, ordersPerSecond: 20, port: 18_191 });
    expect(result).toMatchObject({
      clean: true,
      duplicates: 0,
      lost: 0,
      ghosts: 0,
      overfills: 0,
      fills_lost: 0,
      fills_doubled: 0,
      acknowledged_lost: 0,
      positions_wrong: 0,
    });
    expect(result.approvals).toBeGreaterThan(0);
  }, 300_000);
});
