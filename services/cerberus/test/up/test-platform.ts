import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readinessOf } from '@cerberus/runtime';
import { type Platform, type PlatformOptions, startPlatform } from '../../src/up/platform.ts';

export interface TestPlatform {
  readonly platform: Platform;
  readonly url: string;
  readonly apiKey: string;
  stop(): Promise<void>;
}

/** The whole platform in this process, in a folder that goes away with it. */
export async function openTestPlatform(
  options: Pick<PlatformOptions, 'venue' | 'tape'>,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestPlatform> {
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-up-test-'));
  const given = {
    'host.dataDir': join(folder, 'data'),
    'host.logLevel': 'fatal',
    'gateway.port': String(await freePort()),
    ...settings,
  };
  const overrides = Object.fromEntries(
    Object.entries(given).map(([path, value]) => [path, { value, option: 'test' }]),
  );
  const platform = await startPlatform({ ...options, overrides });
  const { host, config } = platform;
  return {
    platform,
    url: `http://127.0.0.1:${config.gateway.port}`,
    apiKey: readFileSync(join(host.data.path, 'api-key'), 'utf8').trim(),
    stop: async () => {
      await host.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until every part but the named ones is ready. */
export async function partsReady({ host }: Platform, except: readonly string[] = []) {
  for (let attempt = 0; ; attempt += 1) {
    const parts = Object.entries(host.ready().dependencies ?? {});
    const state = readinessOf(Object.fromEntries(parts.filter(([name]) => !except.includes(name))));
    if (state.ready) return;
    if (attempt === 600) throw new Error(`never ready: ${state.detail}`);
    await host.clock.sleep(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
