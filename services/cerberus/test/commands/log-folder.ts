import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, busPort, codecsPort, LedgerWriter, RegistryFile } from '@cerberus/bus';
import { unwrap } from '@cerberus/core';
import { loadConfig, ServiceHost } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import type { PlatformConfig } from '../../src/up/platform.ts';
import { SECTIONS } from '../../src/up/sections.ts';

export interface OpenFolder {
  readonly host: ServiceHost;
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly config: PlatformConfig;
  readonly writer: LedgerWriter;
  close(): Promise<void>;
}

/** A data folder as `cerberus up` lays it out, used by one process at a time. */
export class LogFolder {
  readonly #root = mkdtempSync(join(tmpdir(), 'cerberus-log-'));
  readonly path = join(this.#root, 'data');

  /** As a process that runs on the folder. */
  async open(settings: Readonly<Record<string, unknown>> = {}): Promise<OpenFolder> {
    const given = { 'host.dataDir': this.path, 'host.logLevel': 'silent', ...settings };
    const overrides = Object.fromEntries(
      Object.entries(given).map(([path, value]) => [path, { value, option: 'test' }]),
    );
    const yaml = { file: 'test', text: '' };
    const { values: config } = unwrap(
      loadConfig({ sections: SECTIONS, yaml, environment: {}, overrides }),
    );
    const host = ServiceHost.open({ name: 'test', config: config.host, exit: () => undefined });
    const bus = await host.openPort(busPort, config.bus);
    const codecs = await host.openPort(codecsPort, config.schemaRegistry);
    const writer = new LedgerWriter({ bus, host, id: 'test' });
    const close = async () => {
      await writer.close();
      await host.stop();
    };
    return { host, bus, codecs, config, writer, close };
  }

  /** Changes the registry of a folder that no process uses. */
  withRegistry<T>(work: (registry: RegistryFile['registry']) => T): T {
    const file = new RegistryFile(join(this.path, 'schemas', 'registry.jsonl'));
    try {
      return work(file.registry);
    } finally {
      file.close();
    }
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
