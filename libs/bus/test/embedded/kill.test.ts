import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EmbeddedBus, type IncomingRecord } from '@cerberus/bus';
import { SystemClock } from '@cerberus/runtime';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TOPICS } from './killed-topics.ts';

const KILLS = 8;
const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'committing-process.ts');

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cerberus-kill-'));
  file = join(folder, 'log.sqlite');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function newBus(): EmbeddedBus {
  return new EmbeddedBus({ file, topics: TOPICS, clock: new SystemClock() });
}

/** Starts a committing process; gives the last commit that it was told of before it was killed. */
async function commitAndKill(acknowledgements: number, whileAlive?: () => Promise<void>) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let last = -1;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    seen += 1;
    if (seen === 1) await whileAlive?.();
    if (seen === acknowledgements) child.kill('SIGKILL');
  }
  await exited;
  return last;
}

async function readValues(bus: EmbeddedBus, topic: string): Promise<number[]> {
  const records: IncomingRecord[] = [];
  const follower = await bus.follow({
    topics: [topic],
    from: 'beginning',
    onRecord: (record) => records.push(record),
  });
  await follower.caughtUp;
  await follower.stop();
  return records.map(({ value }) => Number(value!.toString()));
}

test('what was acknowledged survives kill -9, whole; nothing is doubled', async () => {
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const acknowledged = await commitAndKill(kill * 17);
    const bus = newBus();
    await bus.start();
    const out = await readValues(bus, 'out');
    const [committed] = await bus.committedOffsets('group', ['in']);
    expect(out).toEqual(Array.from({ length: out.length }, (_, n) => n));
    expect(out.length).toBeGreaterThan(acknowledged);
    expect(Number(committed!.nextOffset)).toBe(out.length);
    expect((await readValues(bus, 'state')).at(-1)).toBe(out.length - 1);
    await bus.stop();
  }
}, 60_000);

test('a second process is refused while the first lives, by name', async () => {
  let refusal: unknown;
  await commitAndKill(5, async () => {
    refusal = await newBus()
      .start()
      .catch((error: unknown) => error);
  });
  expect(refusal).toMatchObject({
    code: 'CRB_BUS_FILE_LOCKED',
    message: expect.stringMatching(/log\.sqlite.*process \d+ has it open/),
  });
  const after = newBus();
  await after.start();
  await after.stop();
});
