import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedElection, type Term } from '@cerberus/coordination';
import { SystemClock } from '@cerberus/runtime';
import { electionContract, VirtualClock } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

electionContract('embedded', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-election-'));
  const leaseMs = 1000;
  return Promise.resolve({
    leaseMs,
    async open() {
      const election = new EmbeddedElection({ folder, clock: new SystemClock(), leaseMs });
      await election.start();
      return election;
    },
    close() {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
});

describe('embedded election', () => {
  let folder: string;
  let elections: EmbeddedElection[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cerberus-election-'));
    elections = [];
  });

  afterEach(async () => {
    for (const election of elections) await election.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(clock: VirtualClock | SystemClock = new SystemClock()) {
    const election = new EmbeddedElection({ folder, clock, leaseMs: 4000, marginMs: 1500 });
    elections.push(election);
    await election.start();
    return election;
  }

  test('its folder is held by one process', async () => {
    await start();
    await expect(start()).rejects.toThrow(/coordination folder .* is already in use/);
  });

  test('a damaged or newer term file is refused, not started over', async () => {
    const file = join(folder, 'terms.json');
    for (const [content, code] of [
      ['{"format":1,"terms":{"execution":{"tok', 'CRB_COORDINATION_FILE_CORRUPT'],
      ['', 'CRB_COORDINATION_FILE_CORRUPT'],
      ['{"format":1,"terms":{"execution":{"token":-1}}}', 'CRB_COORDINATION_FILE_CORRUPT'],
      ['{"format":2,"terms":{}}', 'CRB_COORDINATION_FILE_NEWER'],
    ]) {
      writeFileSync(file, content!);
      await expect(start()).rejects.toMatchObject({ code, message: expect.stringContaining(file) });
    }
  });

  test('candidates that cannot take over try again, but ever more slowly', async () => {
    const clock = new VirtualClock();
    const election = await start(clock);
    let attempts = 0;
    await election.campaign({
      name: 'execution',
      instanceId: 'a',
      onElected: () => {
        attempts += 1;
        if (attempts < 6) throw new Error('cannot reconcile');
      },
      onDeposed: () => undefined,
    });
    await clock.advanceAsync(60);
    expect(attempts).toBe(3);
    await clock.advanceAsync(10_000);
    expect(attempts).toBe(6);
    expect((await election.leader('execution'))?.token).toBe(6);
  });

  test('the lease ends its margin early, by the monotonic clock; the wall clock moves nothing', async () => {
    const clock = new VirtualClock();
    const election = await start(clock);
    const terms: Term[] = [];
    const candidate = await election.campaign({
      name: 'execution',
      instanceId: 'a',
      onElected: (term) => {
        terms.push(term);
      },
      onDeposed: () => undefined,
    });
    await clock.advanceAsync(0);
    expect(terms[0]!.deadlineMonotonicMs()).toBe(2500);
    clock.shiftWall(86_400_000);
    expect(candidate.assertLeading().token).toBe(1);
    await clock.advanceAsync(1000);
    expect(terms[0]!.deadlineMonotonicMs()).toBe(3500);
    clock.shiftWall(-172_800_000);
    await clock.advanceAsync(60_000);
    expect(candidate.assertLeading().token).toBe(1);
    expect(terms).toHaveLength(1);
  });
});
