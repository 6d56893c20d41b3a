import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { epochUs } from '@cerberus/core';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../src/config/load.ts';
import {
  defineService,
  HOST_SECTION,
  type HostConfig,
  READY,
  ServiceHost,
  Type,
} from '../src/index.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cerberus-host-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function open(
  changes: Partial<HostConfig> = {},
  folder = 'data',
): { host: ServiceHost; exits: number[] } {
  const loaded = loadConfig({
    sections: { host: HOST_SECTION },
    yaml: { file: 'x', text: '' },
    environment: {},
  });
  if (!loaded.ok) throw new Error(loaded.error.message);
  const exits: number[] = [];
  const config = {
    ...loaded.value.values.host,
    dataDir: join(root, folder),
    logLevel: 'silent' as const,
    ...changes,
  };
  const host = ServiceHost.open({
    name: 'test',
    config,
    environment: {},
    exit: (code) => exits.push(code),
    // Time that stands still: starting and stopping must not wait for it.
    clock: {
      nowUs: () => epochUs(1_700_000_000_000_000),
      monotonicMs: () => 0,
      after: () => ({ cancel: () => undefined }),
      every: () => ({ cancel: () => undefined }),
      sleep: () => new Promise(() => undefined),
    },
  });
  return { host, exits };
}

const EMPTY = Type.Object({});

function service(
  name: string,
  stopped: string[],
  stop: () => Promise<void> = () => Promise.resolve(),
) {
  return defineService({
    name,
    config: EMPTY,
    create: async () => ({
      ready: () => READY,
      async stop() {
        stopped.push(name);
        await stop();
      },
    }),
  });
}

describe('ServiceHost', () => {
  test('stops the last started first, and goes on when one fails or hangs', async () => {
    const { host } = open({ drainTimeoutMs: 50 });
    const stopped: string[] = [];
    await host.startService(service('first', stopped), {}, {});
    await host.startService(
      service('fails', stopped, () => Promise.reject(new Error('no'))),
      {},
      {},
    );
    await host.startService(
      service('hangs', stopped, () => new Promise(() => undefined)),
      {},
      {},
    );
    expect(host.ready().ready).toBe(true);
    expect(await host.stop()).toBe(false);
    expect(stopped).toEqual(['hangs', 'fails', 'first']);
    expect(host.signal.aborted).toBe(true);
    expect(host.ready()).toMatchObject({ ready: false, detail: 'stopping' });
  });

  test('readiness names what is missing, also when it cannot be asked', async () => {
    const { host } = open();
    await host.addPart({
      name: 'bus',
      ready: () => {
        throw new Error('gone');
      },
      stop: () => Promise.resolve(),
    });
    expect(host.ready()).toMatchObject({
      ready: false,
      detail: 'bus: its state cannot be read: gone',
    });
    await host.stop();
  });

  test('what finishes starting while the process stops is stopped too', async () => {
    const { host } = open();
    const stopped: string[] = [];
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = service('slow', stopped);
    const starting = host.startService(
      { ...slow, create: (context) => gate.then(() => slow.create(context)) },
      {},
      {},
    );
    const stopping = host.stop();
    finish();
    await expect(starting).rejects.toMatchObject({ code: 'CRB_RUNTIME_STOPPING' });
    expect(await stopping).toBe(true);
    expect(stopped).toEqual(['slow']);
    await expect(host.startService(service('late', stopped), {}, {})).rejects.toThrow('stopping');
  });

  test('the same name twice is a fault of the composer', async () => {
    const { host } = open();
    await host.startService(service('a', []), {}, {});
    await expect(host.startService(service('a', []), {}, {})).rejects.toThrow('given twice');
    await host.stop();
  });

  test('with a seed each part repeats its own random numbers and ids, whatever the others draw', async () => {
    const { host: left } = open({ seed: 7 }, 'left');
    const { host: right } = open({ seed: 7 }, 'right');
    right.contextFor('b').rng.nextUint32();
    const draw = (host: ServiceHost) => {
      const { rng, ids } = host.contextFor('a');
      return [rng.nextUint32(), ids.next(), rng.nextDouble()];
    };
    expect(draw(left)).toEqual(draw(right));
    expect(left.contextFor('c').ids.next()).not.toBe(right.contextFor('d').ids.next());
    await Promise.all([left.stop(), right.stop()]);
  });

  test('a stop by the supervisor ends the process with 1', async () => {
    const { host, exits } = open();
    host.supervisor.stop(new Error('broken'), { component: 'test' });
    expect(exits).toEqual([1]);
    await host.stop();
  });
});
