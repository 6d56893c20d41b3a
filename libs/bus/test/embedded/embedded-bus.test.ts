import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedBus } from '@cerberus/bus';
import { SystemClock } from '@cerberus/runtime';
import { busContract } from '@cerberus/testkit';

busContract('embedded', (topics) => {
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-bus-'));
  return Promise.resolve({
    async open() {
      const clock = new SystemClock();
      const bus = new EmbeddedBus({ file: join(folder, 'log.sqlite'), topics, clock });
      await bus.start();
      return bus;
    },
    close() {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
});
