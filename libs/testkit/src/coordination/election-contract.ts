import type {
  Candidate,
  DepositionReason,
  Election,
  LeaderRecord,
  Term,
} from '@cerberus/coordination';
import { COORDINATION_ERRORS } from '@cerberus/coordination';
import { SystemClock } from '@cerberus/runtime';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.ts';

export interface ElectionHarness {
  /** Longest time that a lease lasts without renewal; keep it short, the suite waits for it. */
  readonly leaseMs: number;
  /** A started election on the same coordinator; called again after `stop` it finds the same tokens. */
  open(): Promise<Election>;
  close(): Promise<void>;
}

const NOT_LEADING = { code: COORDINATION_ERRORS.NOT_LEADING.code };

/** A candidate that notes what happens to it. */
class Contender {
  readonly id: string;
  readonly terms: Term[] = [];
  readonly depositions: { readonly term: Term; readonly reason: DepositionReason }[] = [];
  candidate!: Candidate;

  constructor(id: string) {
    this.id = id;
  }

  async campaign(
    election: Election,
    name: string,
    onElected?: (term: Term) => void,
  ): Promise<this> {
    this.candidate = await election.campaign({
      name,
      instanceId: this.id,
      onElected: (term) => {
        this.terms.push(term);
        return onElected?.(term);
      },
      onDeposed: (term, reason) => {
        this.depositions.push({ term, reason });
      },
    });
    return this;
  }

  get leads(): boolean {
    return this.candidate.term() !== undefined;
  }

  elected(times = 1): Promise<void> {
    return eventually(`${this.id} elected`, () => this.terms.length >= times);
  }
}

/** The promises of the election port; every implementation runs this unchanged. */
export function electionContract(name: string, create: () => Promise<ElectionHarness>): void {
  describe(`election contract: ${name}`, () => {
    let harness: ElectionHarness;
    let election: Election;

    beforeEach(async () => {
      harness = await create();
      election = await harness.open();
    });

    afterEach(async () => {
      await election.stop();
      await harness.close();
    });

    const reopen = async () => {
      await election.stop();
      election = await harness.open();
    };

    test('a lone candidate leads, with a token and a deadline ahead of the monotonic clock', async () => {
      const contender = await new Contender('a').campaign(election, 'execution');
      await contender.elected();
      const term = contender.candidate.assertLeading();
      expect(term).toMatchObject({ name: 'execution', instanceId: 'a' });
      expect(Number.isSafeInteger(term.token) && term.token > 0).toBe(true);
      const now = new SystemClock().monotonicMs();
      expect(term.deadlineMonotonicMs()).toBeGreaterThan(now);
      expect(term.deadlineMonotonicMs()).toBeLessThanOrEqual(now + harness.leaseMs);
      const leader: LeaderRecord | undefined = await election.leader('execution');
      expect(leader).toMatchObject({ instanceId: 'a', token: term.token });
      expect(await election.leader('nobody')).toBeUndefined();
      expect(election.ready().ready).toBe(true);
    });

    test('of several candidates one leads; succession gives growing tokens', async () => {
      const ids = ['a', 'b', 'c', 'd'];
      const contenders: Contender[] = [];
      for (const id of ids)
        contenders.push(await new Contender(id).campaign(election, 'execution'));
      const tokens: number[] = [];
      for (let round = 0; round < ids.length; round += 1) {
        await eventually('one leader', () => contenders.some(({ leads }) => leads));
        const leaders = contenders.filter(({ leads }) => leads);
        expect(leaders).toHaveLength(1);
        tokens.push(leaders[0]!.candidate.assertLeading().token);
        for (const other of contenders) {
          if (other === leaders[0]) continue;
          expect(() => other.candidate.assertLeading()).toThrow(
            expect.objectContaining(NOT_LEADING),
          );
        }
        await leaders[0]!.candidate.resign();
        expect(leaders[0]!.leads).toBe(false);
      }
      expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
      expect(contenders.every(({ terms }) => terms.length === 1)).toBe(true);
    });

    test('resigning ends the term at once and tells its holder', async () => {
      const contender = await new Contender('a').campaign(election, 'execution');
      await contender.elected();
      const [term] = contender.terms;
      await contender.candidate.resign();
      expect(term!.leading()).toBe(false);
      expect(() => term!.assertLeading()).toThrow(expect.objectContaining(NOT_LEADING));
      await eventually('the deposition', () => contender.depositions.length === 1);
      expect(contender.depositions[0]).toEqual({ term, reason: 'resigned' });
      await contender.candidate.resign();
      expect(contender.depositions).toHaveLength(1);
    });

    test('a candidate that resigned may stand again, with a greater token', async () => {
      const first = await new Contender('a').campaign(election, 'execution');
      await first.elected();
      await first.candidate.resign();
      const again = await new Contender('a').campaign(election, 'execution');
      await again.elected();
      expect(again.terms[0]!.token).toBeGreaterThan(first.terms[0]!.token);
    });

    test('names are led apart', async () => {
      const one = await new Contender('a').campaign(election, 'execution');
      const other = await new Contender('a').campaign(election, 'reporting');
      await Promise.all([one.elected(), other.elected()]);
      expect(one.leads && other.leads).toBe(true);
    });

    test('a term outlasts its lease by being renewed', async () => {
      const contender = await new Contender('a').campaign(election, 'execution');
      await contender.elected();
      const first = contender.terms[0]!.deadlineMonotonicMs();
      const clock = new SystemClock();
      await clock.sleep(harness.leaseMs * 2);
      expect(contender.leads).toBe(true);
      expect(contender.terms).toHaveLength(1);
      expect(contender.terms[0]!.deadlineMonotonicMs()).toBeGreaterThan(first);
    });

    test('a process that stood still longer than its lease no longer leads, whatever comes', async () => {
      const contenders = [new Contender('a'), new Contender('b')];
      for (const contender of contenders) await contender.campaign(election, 'execution');
      await eventually('one leader', () => contenders.some(({ leads }) => leads));
      const leader = contenders.find(({ leads }) => leads)!;
      const term = leader.candidate.assertLeading();
      // Nothing runs meanwhile, as in a stopped process or a long collection.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, harness.leaseMs * 1.5);
      expect(() => term.assertLeading()).toThrow(expect.objectContaining(NOT_LEADING));
      expect(() => leader.candidate.assertLeading()).toThrow(expect.objectContaining(NOT_LEADING));
      await eventually('the deposition', () => leader.depositions.length === 1);
      expect(leader.depositions[0]!.reason).not.toBe('resigned');
      expect(term.leading()).toBe(false);
      await eventually('a new leader', () => contenders.some(({ leads }) => leads));
      const heir = contenders.find(({ leads }) => leads)!;
      expect(heir.candidate.assertLeading().token).toBeGreaterThan(term.token);
      expect(term.leading()).toBe(false);
    });

    test('tokens go on growing after a restart', async () => {
      const before = await new Contender('a').campaign(election, 'execution');
      await before.elected();
      await reopen();
      await eventually('the deposition', () => before.depositions.length === 1);
      const after = await new Contender('a').campaign(election, 'execution');
      await after.elected();
      expect(after.terms[0]!.token).toBeGreaterThan(before.terms[0]!.token);
      expect(before.terms[0]!.leading()).toBe(false);
    });

    test('stopping ends every term', async () => {
      const contender = await new Contender('a').campaign(election, 'execution');
      await contender.elected();
      await election.stop();
      expect(contender.leads).toBe(false);
      await eventually('the deposition', () => contender.depositions.length === 1);
      expect(election.ready().ready).toBe(false);
      const options = { name: 'x', instanceId: 'y', onElected: () => undefined };
      await expect(
        election.campaign({ ...options, onDeposed: () => undefined }),
      ).rejects.toMatchObject({ code: COORDINATION_ERRORS.STOPPED.code });
    });

    test('a second candidate of the same instance id is refused while the first one stands', async () => {
      const first = await new Contender('a').campaign(election, 'execution');
      await first.elected();
      await expect(new Contender('a').campaign(election, 'execution')).rejects.toMatchObject({
        code: COORDINATION_ERRORS.INSTANCE_TAKEN.code,
        message: expect.stringContaining('CERBERUS_HOST_INSTANCE'),
      });
      expect(first.leads).toBe(true);
      expect(await election.candidates('execution')).toEqual(['a']);
    });

    test('candidates are named in order of their turn', async () => {
      expect(await election.candidates('execution')).toEqual([]);
      const first = await new Contender('a').campaign(election, 'execution');
      await new Contender('b').campaign(election, 'execution');
      expect(await election.candidates('execution')).toEqual(['a', 'b']);
      await first.candidate.resign();
      expect(await election.candidates('execution')).toEqual(['b']);
    });

    test('tokens that are lifted stay above, for every candidate and over a restart', async () => {
      const first = await new Contender('a').campaign(election, 'execution');
      await first.elected();
      await first.candidate.liftTokens(5000);
      await first.candidate.liftTokens(70);
      const next = await new Contender('b').campaign(election, 'execution');
      await first.candidate.resign();
      await next.elected();
      expect(next.terms[0]!.token).toBeGreaterThan(5000);
      await reopen();
      const after = await new Contender('c').campaign(election, 'execution');
      await after.elected();
      expect(after.terms[0]!.token).toBeGreaterThan(next.terms[0]!.token);
    });

    test('one that cannot take over makes room for the next', async () => {
      const failing = new Contender('a');
      const next = new Contender('b');
      let attempts = 0;
      await failing.campaign(election, 'execution', () => {
        attempts += 1;
        throw new Error('cannot reconcile');
      });
      await next.campaign(election, 'execution');
      await next.elected();
      await eventually('the failed one is told', () => failing.depositions.length === attempts);
      expect(failing.depositions[0]!.reason).toBe('failed');
      expect(next.leads).toBe(true);
      expect(next.terms[0]!.token).toBeGreaterThan(failing.terms[0]!.token);
    });
  });
}
