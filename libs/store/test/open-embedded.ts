import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, Metrics, SystemClock } from '@cerberus/runtime';
import {
  type EmbeddedPostgres,
  PostgresStore,
  type Store,
  startEmbeddedPostgres,
} from '../src/index.ts';

export const clock = new SystemClock();
export const log = createLogger({ name: 'test', level: 'silent', format: 'json' });

/** A folder in /tmp that the server's user can reach, so that tests as root leave nothing elsewhere. */
export function temporaryFolder(name = 'store'): string {
  const folder = mkdtempSync(join('/tmp', `cerberus-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

export function startEngine(folder: string, privateRoot = folder): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ folder, privateRoot, startTimeoutMs: 30_000, clock, log });
}

export function connect(engine: EmbeddedPostgres): Promise<Store> {
  return PostgresStore.connect({
    connection: engine.connection,
    poolSize: 5,
    statementTimeoutMs: 15_000,
    connectTimeoutMs: 3000,
    clock,
    log,
    metrics: new Metrics('test'),
  });
}
