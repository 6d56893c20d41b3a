import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlatformProcess } from '../deploy/faults/platform-process.ts';

/** Runs the work beside a whole `cerberus up` in a process and a folder of its own. */
export async function withPlatform<R>(
  environment: Readonly<Record<string, string>>,
  work: (platform: PlatformProcess, folder: string) => Promise<R>,
): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-bench-'));
  // PostgreSQL, which never runs as root, must reach its data.
  chmodSync(folder, 0o755);
  const logFile = join(folder, 'platform.log');
  const dataDir = join(folder, 'data');
  const port = await freePort();
  const platform = new PlatformProcess({ dataDir, port, seed: 1, logFile, environment });
  platform.start();
  try {
    await platform.ready();
    return await work(platform, folder);
  } catch (error) {
    process.stderr.write(readFileSync(logFile, 'utf8'));
    throw error;
  } finally {
    await platform.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
