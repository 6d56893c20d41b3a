import { type DepositionReason, type Term, ZooKeeperElection } from '@cerberus/coordination';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SilentProxy } from './silent-proxy.ts';

/** `host:port` of a server to test against, e.g. of `npm run infra:up -- zookeeper`. */
const SERVER = process.env['CERBERUS_TEST_ZOOKEEPER'];
const describeWithServer = SERVER === undefined ? describe.skip : describe;
const LEASE_MS = 3000;
const MARGIN_MS = 1000;

describeWithServer('a leader cut off from ZooKeeper (needs CERBERUS_TEST_ZOOKEEPER)', () => {
  const clock = new SystemClock();
  const ids = new UuidV7Source(clock, new SystemRng());
  let root: string;
  let proxy: SilentProxy;
  let proxied: string;
  let elections: ZooKeeperElection[];

  beforeEach(async () => {
    root = `/cerberus-silence/${ids.next()}`;
    elections = [];
    ({ proxy, address: proxied } = await SilentProxy.open(SERVER ?? ''));
  });

  afterEach(async () => {
    proxy.close();
    await Promise.all(elections.map((election) => election.stop()));
  });

  async function stand(server: string, instanceId: string) {
    const lease = { leaseMs: LEASE_MS, marginMs: MARGIN_MS };
    const election = new ZooKeeperElection({ servers: [server], root, clock, ids, ...lease });
    elections.push(election);
    await election.start();
    const terms: { readonly term: Term; readonly fromMs: number }[] = [];
    const ends: { readonly reason: DepositionReason; readonly atMs: number }[] = [];
    const candidate = await election.campaign({
      name: 'execution',
      instanceId,
      onElected: (term) => void terms.push({ term, fromMs: clock.monotonicMs() }),
      onDeposed: (_term, reason) => void ends.push({ reason, atMs: clock.monotonicMs() }),
    });
    return { election, candidate, terms, ends };
  }

  test('ends its term by itself, before anybody else leads, though nothing was closed', async () => {
    const leader = await stand(proxied, 'cut-off');
    await eventually('the first leader', () => leader.terms.length === 1);
    const heir = await stand(SERVER ?? '', 'heir');
    const cutMs = clock.monotonicMs();
    proxy.silent = true;
    await eventually('the heir', () => heir.terms.length === 1);
    const [first] = leader.terms;
    expect(first!.term.leading()).toBe(false);
    expect(first!.term.deadlineMonotonicMs()).toBeLessThan(heir.terms[0]!.fromMs);
    expect(first!.term.deadlineMonotonicMs()).toBeLessThanOrEqual(cutMs + LEASE_MS - MARGIN_MS);
    expect(heir.terms[0]!.term.token).toBeGreaterThan(first!.term.token);
    expect(leader.ends.map(({ reason }) => reason)).toEqual(['expired']);
    await eventually('not ready', () => !leader.election.ready().ready);
    // Heals: it stands again, behind, with a session of its own.
    proxy.silent = false;
    proxy.cut();
    await eventually('ready again', () => leader.election.ready().ready);
    await heir.candidate.resign();
    await eventually('its second term', () => leader.terms.length === 2);
    expect(leader.terms[1]!.term.token).toBeGreaterThan(heir.terms[0]!.term.token);
  });

  test('leads on where the connection comes back in time', async () => {
    const leader = await stand(proxied, 'brief');
    await eventually('the leader', () => leader.terms.length === 1);
    const before = leader.terms[0]!.term.deadlineMonotonicMs();
    proxy.cut();
    const { term } = leader.terms[0]!;
    await eventually('a renewal', () => term.deadlineMonotonicMs() > before + LEASE_MS);
    expect(leader.ends).toEqual([]);
    expect(leader.candidate.assertLeading()).toBe(term);
  });
});
