import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EmbeddedBus } from '@cerberus/bus';
import { SystemClock } from '@cerberus/runtime';
import { expect, test } from '@jest/globals';
import { TOPICS } from './killed-topics.ts';

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'full-disk-process.ts');
/** Blocks of 1024 bytes that a file may have: the operating system refuses to let it grow further. */
const FILE_BLOCKS_MAX = 3000;

test('a log that cannot grow fails closed: nothing half written, not ready, usable afterwards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-full-'));
  const file = join(folder, 'log.sqlite');
  try {
    const command = `ulimit -f ${FILE_BLOCKS_MAX}; exec "$0" --disable-warning=ExperimentalWarning "$1" "$2"`;
    const child = spawnSync('bash', ['-c', command, process.execPath, SCRIPT, file]);
    const told = JSON.parse(child.stdout.toString()) as Record<string, unknown>;
    expect(told).toMatchObject({ code: 'CRB_BUS_COMMIT_FAILED', ready: false });
    expect(told['committed']).toBeGreaterThan(5);
    expect(told['visible']).toBe(told['committed']);

    const bus = new EmbeddedBus({ file, topics: TOPICS, clock: new SystemClock() });
    await bus.start();
    let records = 0;
    const follower = await bus.follow({
      topics: ['out'],
      from: 'beginning',
      onRecord: () => {
        records += 1;
      },
    });
    await follower.caughtUp;
    expect(records).toBe(told['committed']);
    const producer = await bus.openTransactional('writer');
    await producer.commit({ records: [{ topic: 'out', key: 'k', value: Buffer.from('more') }] });
    await follower.reach(await bus.endOffsets(['out']));
    expect(records).toBe(Number(told['committed']) + 1);
    await bus.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
