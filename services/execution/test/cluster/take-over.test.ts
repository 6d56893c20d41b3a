import { execSync } from 'node:child_process';
import { SeededRng, SystemClock } from '@cerberus/runtime';
import { eventually } from '@cerberus/testkit';
import { describe, expect, test } from '@jest/globals';
import { FLAWLESS } from '../audit.ts';
import { EmitterCluster, type Infrastructure } from './emitter-cluster.ts';

/**
 * `{"kafka": "host:port", "zookeeper": "host:port", "postgres": "postgres://…"}` of an infrastructure of
 * its own, e.g. of `npm run infra:up -- --folder …`. With `"parts": {"kafka": {"kill": "shell command",
 * "start": "shell command"}, …}` these are killed too.
 */
const GIVEN = process.env['CERBERUS_TEST_EMITTERS'];
const KILLS = Number(process.env['CERBERUS_TEST_EMITTER_KILLS'] ?? 3);
const LEASE_MS = 4000;
const ORDER_EVERY_MS = 50;
const DONE = ['FILLED', 'CANCELED', 'REJECTED', 'EXPIRED'];

const given = JSON.parse(GIVEN ?? '{}') as Infrastructure & {
  readonly parts?: Readonly<Record<string, { readonly kill: string; readonly start: string }>>;
};
const PARTS = Object.entries(given.parts ?? {});

const clock = new SystemClock();

(GIVEN === undefined ? describe.skip : describe)(
  'emitters as processes (needs CERBERUS_TEST_EMITTERS)',
  () => {
    test(
      `${KILLS} kills of the leader under order flow: the standby takes over, nothing is doubled or lost`,
      async () => {
        const cluster = await EmitterCluster.open(given, 2);
        const rng = new SeededRng(7);
        const takeOvers: number[] = [];
        try {
          await cluster.leadingAbove(0);
          const flow = clock.every(ORDER_EVERY_MS, () => void cluster.order());
          for (let kill = 0; kill < KILLS; kill += 1) {
            await clock.sleep(1000 + rng.nextDouble() * 2000);
            // A leader alone has nobody to take over from it.
            await eventually('a standby', () => standsBy(cluster), 60_000);
            const { leader, token } = cluster;
            const killedMs = clock.monotonicMs();
            await leader!.stop('SIGKILL');
            leader!.start();
            const heir = await cluster.leadingAbove(token);
            takeOvers.push(Math.round(heir.heardMs - killedMs));
            expect(heir.instance_id).not.toBe(leader!.name);
          }
          flow.cancel();
          await settle(cluster);
          report(cluster, takeOvers);
          expect(cluster.audit()).toEqual(FLAWLESS);
          // How long noticing takes is the coordinator's; the second is ours.
          expect(Math.max(...takeOvers)).toBeLessThanOrEqual(LEASE_MS + 1000);
        } catch (error) {
          complain(cluster);
          throw error;
        } finally {
          await cluster.close();
        }
      },
      120_000 + KILLS * 15_000,
    );

    if (PARTS.length === 0) test.skip('parts killed (needs "parts")', () => undefined);
    else {
      test.each(PARTS)(
        '%s killed and back under order flow: goes on by itself, nothing is doubled or lost',
        async (part, { kill, start }) => {
          const cluster = await EmitterCluster.open(given, 2);
          try {
            await cluster.leadingAbove(0);
            const before = cluster.emitters.map(({ pid }) => pid);
            const flow = clock.every(ORDER_EVERY_MS, () => void cluster.order());
            await clock.sleep(2000);
            const killedMs = clock.monotonicMs();
            execSync(kill, { stdio: 'ignore' });
            await clock.sleep(3000);
            execSync(start, { stdio: 'ignore' });
            const backMs = clock.monotonicMs();
            const approved = cluster.approvals.length;
            await eventually('an order after it', () => isFilledAfter(cluster, approved), 60_000);
            const recoveredMs = clock.monotonicMs();
            await clock.sleep(1000);
            flow.cancel();
            await settle(cluster);
            const figures = {
              after_kill_ms: recoveredMs - killedMs,
              after_start_ms: recoveredMs - backMs,
            };
            process.stdout.write(
              `${JSON.stringify({ part, ...figures, terms: termsOf(cluster) })}\n`,
            );
            expect(cluster.audit()).toEqual(FLAWLESS);
            expect(cluster.emitters.map(({ pid }) => pid)).toEqual(before);
          } catch (error) {
            complain(cluster);
            throw error;
          } finally {
            await cluster.close();
          }
        },
        240_000,
      );
    }
  },
);

function isFilledAfter({ approvals, last }: EmitterCluster, count: number): boolean {
  return approvals.slice(count).some(({ order_id }) => last(order_id)?.status === 'FILLED');
}

function termsOf({ leaders }: EmitterCluster): number {
  return new Set(leaders.map(({ token }) => token)).size;
}

function standsBy({ leaders, leader }: EmitterCluster): boolean {
  return leader?.running === true && (leaders.at(-1)?.standbys.length ?? 0) > 0;
}

/** Cancels what rests, until every order has come to its end. */
async function settle(cluster: EmitterCluster): Promise<void> {
  const open = () =>
    cluster.approvals.filter(
      ({ order_id }) => !DONE.includes(cluster.last(order_id)?.status ?? ''),
    );
  const deadlineMs = clock.monotonicMs() + 60_000;
  while (open().length > 0 && clock.monotonicMs() < deadlineMs) {
    for (const decision of open().filter(({ order_type }) => order_type === 'LIMIT')) {
      await cluster.cancel(decision);
    }
    await clock.sleep(2000);
  }
}

/** What the emitters had to say, where something went wrong. */
function complain({ emitters }: EmitterCluster): void {
  for (const { name, lines } of emitters) {
    const loud = lines.filter(({ level }) => level !== 'info' && level !== 'debug').slice(-40);
    for (const line of loud) process.stderr.write(`${name} ${JSON.stringify(line)}\n`);
  }
}

function report(cluster: EmitterCluster, takeOvers: readonly number[]): void {
  const parts = cluster.emitters
    .flatMap(({ lines }) => lines)
    .filter(({ msg }) => msg === 'took over: orders may be sent')
    .map(({ detection_ms, fence_ms, restore_ms, reconcile_ms, open_ms, total_ms }) => ({
      ...{ detection_ms, fence_ms, restore_ms, reconcile_ms, open_ms, total_ms },
    }));
  const { approvals, fills } = cluster;
  process.stdout.write(
    `${JSON.stringify({ orders: approvals.length, fills: fills.length, takeOvers, parts })}\n`,
  );
}
