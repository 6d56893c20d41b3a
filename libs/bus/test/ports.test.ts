import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, busPort, codecsPort, outgoingRecord } from '@cerberus/bus';
import { DataFolder, type HostContext, SeededRng, UuidV7Source } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import { expect, test } from '@jest/globals';
import { adjustment, ProcessorFixture, readTopic } from './processor/processor-fixture.ts';

test('a composer opens the ports on its data folder, and finds what was there', async () => {
  const fixture = new ProcessorFixture();
  const path = mkdtempSync(join(tmpdir(), 'cerberus-ports-'));
  try {
    for (let start = 1; start <= 2; start += 1) {
      const data = DataFolder.open({ path });
      const rng = new SeededRng(1);
      const host: HostContext = {
        ...fixture.host,
        name: 'test',
        instance: 'main',
        rng,
        ids: new UuidV7Source(fixture.clock, rng),
        data,
        signal: new AbortController().signal,
      };
      const kafka = {
        brokers: [],
        clientId: 'test',
        sessionTimeoutMs: 1500,
        transactionTimeoutMs: 5000,
        tls: { enabled: false },
      };
      const bus = await busPort.open({ ...host, config: { recordStreams: false, kafka } });
      const codecs = await codecsPort.open({ ...host, config: { host: '127.0.0.1', port: 0 } });
      expect(bus.ready().ready && codecs.ready().ready).toBe(true);
      await appendAdjustment(bus.port, codecs.port, `${start}`);
      expect(await readTopic(bus.port, 'position.adjustment')).toHaveLength(start);
      await codecs.close();
      await bus.close();
      expect(await fixture.host.metrics.registry.metrics()).toContain(
        'cerberus_bus_stream_dropped',
      );
      data.close();
    }
  } finally {
    rmSync(path, { recursive: true, force: true });
    rmSync(fixture.folder, { recursive: true, force: true });
  }
});

async function appendAdjustment(bus: Bus, codecs: Codecs, id: string): Promise<void> {
  const producer = await bus.openTransactional('writer');
  const value = adjustment(id, 'a');
  await producer.commit({
    records: [outgoingRecord(codecs, { topic: 'position.adjustment', value })],
  });
}
