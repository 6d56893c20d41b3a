import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ACCOUNTS, RiskFleet } from './risk-fleet.ts';

/** `host:port` of a broker to test against, e.g. of `npm run infra:up -- kafka`. */
const BROKER = process.env['CERBERUS_TEST_KAFKA'];
const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'instance-process.ts');
const KILLS = 3;
const TEST_LIMIT_MS = 180_000;

const describeWithBroker = BROKER === undefined ? describe.skip : describe;

describeWithBroker('a killed risk engine (CERBERUS_TEST_KAFKA=host:port)', () => {
  let risk: RiskFleet;
  const alive = new Map<string, ChildProcess>();

  beforeEach(async () => {
    risk = await RiskFleet.open(BROKER);
  }, TEST_LIMIT_MS);
  afterEach(async () => {
    for (const name of [...alive.keys()]) await kill(name);
    await risk.close();
  }, TEST_LIMIT_MS);

  function run(name: string): void {
    const given = ['--disable-warning=ExperimentalWarning', SCRIPT, BROKER!];
    const { prefix, folder } = risk.fleet;
    const child = spawn(process.execPath, [...given, prefix, folder, name], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    alive.set(name, child);
  }

  async function kill(name: string): Promise<void> {
    const child = alive.get(name)!;
    alive.delete(name);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  test(
    'leaves no account untold: the other tells all, until the next has its share',
    async () => {
      let [staying, next] = ['a', 'b'];
      run(staying);
      for (let killed = 0; killed < KILLS; killed += 1) {
        run(next);
        await risk.shared(...[staying, next].sort());
        const tellers = await risk.rounds();
        expect([...tellers.values()].every(({ size }) => size === 1)).toBe(true);
        const left = ACCOUNTS.filter((id) => tellers.get(id)!.has(staying));
        expect(left.length).toBeGreaterThan(0);
        await kill(staying);
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
