import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FLEET_CONFIG } from './fleet-config.ts';
import { ACCOUNTS, RiskFleet } from './risk-fleet.ts';

/** `host:port` of a broker to test against, e.g. of `npm run infra:up -- kafka`. */
const BROKER = process.env['CERBERUS_TEST_KAFKA'];
const RISK_ENGINE = {
  module: new URL('../src/index.ts', import.meta.url).href,
  definition: 'riskEngine',
  config: FLEET_CONFIG,
};
const KILLS = 3;
const TEST_LIMIT_MS = 180_000;

const describeWithBroker = BROKER === undefined ? describe.skip : describe;

describeWithBroker('a killed risk engine (CERBERUS_TEST_KAFKA=host:port)', () => {
  let risk: RiskFleet;

  beforeEach(async () => {
    risk = await RiskFleet.open(BROKER);
  }, TEST_LIMIT_MS);
  afterEach(async () => {
    await risk.close();
  }, TEST_LIMIT_MS);

  test(
    'leaves no account untold: the other tells all, until the next has its share',
    async () => {
      let [staying, next] = ['a', 'b'];
      risk.fleet.run(RISK_ENGINE, staying);
      for (let killed = 0; killed < KILLS; killed += 1) {
        risk.fleet.run(RISK_ENGINE, next);
        await risk.shared(...[staying, next].sort());
        const tellers = await risk.rounds();
        expect([...tellers.values()].every(({ size }) => size === 1)).toBe(true);
        const left = ACCOUNTS.filter((id) => tellers.get(id)!.has(staying));
        expect(left.length).toBeGreaterThan(0);
        await risk.fleet.kill(staying);
        risk.forget();
        await eventually('all that the killed one told', () =>
          left.every((id) =>
            [risk.greeks, risk.metrics].every((seen) =>
              seen.some(({ message, member }) => message.account_id === id && member === next),
            ),
          ),
        );
        const figures = risk.metrics.filter(({ member }) => member === next);
        expect(figures.every(({ message }) => message.values['var_95_1d']! > 0)).toBe(true);
        [staying, next] = [next, staying];
      }
    },
    TEST_LIMIT_MS,
  );
});
