import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Client, followsAnOrderEndToEnd, refusesBadOrders } from './end-to-end.ts';

// The same journeys as in the embedded run, over a running cluster: every service its own process.
const { CERBERUS_TEST_CLUSTER: url, CERBERUS_TEST_CLUSTER_KEY: keyFile } = process.env;
const suite = url === undefined || keyFile === undefined ? describe.skip : describe;

suite('a cluster (needs CERBERUS_TEST_CLUSTER, a URL, and CERBERUS_TEST_CLUSTER_KEY, a file)', () => {
  const platform = () => ({
    url: String(url),
    apiKey: readFileSync(String(keyFile), 'utf8').trim(),
  });

  test('an order goes from REST to TCA under one trace id', () => {
    return followsAnOrderEndToEnd(platform());
  }, 60_000);

  test('bad orders are refused with code and field', () => refusesBadOrders(platform()), 60_000);

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
});
