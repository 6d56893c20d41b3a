import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { STORE_ERRORS } from '../../src/index.ts';
import { connect, startEngine, temporaryFolder } from '../open-embedded.ts';
import { isAlive, runProgram } from './program.ts';

const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;
const REPOSITORY = join(import.meta.dirname, '..', '..', '..', '..');

let folder: string;
let leftovers: string[];
beforeEach(() => {
  folder = temporaryFolder('start');
  leftovers = [folder];
});
afterEach(() => {
  for (const path of leftovers) rmSync(path, { recursive: true, force: true });
});

async function startAndStop(path: string, privateRoot = path): Promise<string> {
  const engine = await startEngine(path, privateRoot);
  const store = await connect(engine);
  const { rows } = await store.query<{ n: number }>('SELECT 1 AS n');
  expect(rows).toEqual([{ n: 1 }]);
  await store.close();
  await engine.stop();
  return engine.home;
}

describe('embedded PostgreSQL starts', () => {
  test('in a deep folder with spaces and quotes in its name', async () => {
    const deep = join(folder, `a folder of ${'long '.repeat(40)}name`, "it's", 'data "x"');
    mkdirSync(deep, { recursive: true, mode: 0o755 });
    await startAndStop(deep);
    await startAndStop(deep);
  }, 60_000);

  test('below private folders of ours, which stay closed to others', async () => {
    const data = join(folder, 'data');
    mkdirSync(join(data, 'store'), { recursive: true, mode: 0o700 });
    expect(await startAndStop(join(data, 'store'), data)).toBe(join(data, 'store'));
    expect(statSync(data).mode & 0o007).toBe(0);
    expect(statSync(join(data, 'store', 'cluster')).mode & 0o077).toBe(0);
    expect(statSync(join(data, 'store', 'password')).mode & 0o077).toBe(0);
  }, 60_000);

  test('with a password and no network port', async () => {
    const engine = await startEngine(folder);
    const store = await connect(engine);
    const { rows } = await store.query<{ listen: string; fsync: string }>(
      "SELECT current_setting('listen_addresses') AS listen, current_setting('fsync') AS fsync",
    );
    expect(rows).toEqual([{ listen: '', fsync: 'on' }]);
    const wrong = { ...engine, connection: { ...engine.connection, password: 'guess' } };
    await expect(connect(wrong)).rejects.toThrow('password authentication failed');
    const socket = engine.connection.host as string;
    expect(statSync(socket).mode & 0o777).toBe(0o700);
    await store.close();
    await engine.stop();
  }, 60_000);

  test('and stops without leaving a process or a lock', async () => {
    const engine = await startEngine(folder);
    const pid = engine.server.pid as number;
    await engine.stop();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(folder, 'cluster', 'postmaster.pid'))).toBe(false);
    await startAndStop(folder);
  }, 60_000);

  test('after a first start that was cut short', async () => {
    mkdirSync(join(folder, 'cluster.new-12345', 'base'), { recursive: true });
    await startAndStop(folder);
    expect(readdirSync(folder).filter((name) => name.includes('.new-'))).toEqual([]);
  }, 60_000);
});

describe('embedded PostgreSQL refuses', () => {
  test('a second instance on the same data, naming the first', async () => {
    const engine = await startEngine(folder);
    await expect(startEngine(folder)).rejects.toThrow(`is already in use by pid ${process.pid}`);
    const program = runProgram(folder, { mode: 'once' });
    expect(await program.exited).toBe(1);
    expect(program.output()).toContain(`is already in use by pid ${process.pid}`);
    // The first goes on undisturbed.
    const store = await connect(engine);
    await store.query('SELECT 1');
    await store.close();
    await engine.stop();
  }, 60_000);

  test('data of another major version', async () => {
    await startAndStop(folder);
    writeFileSync(join(folder, 'cluster', 'PG_VERSION'), '15\n');
    await expect(startEngine(folder)).rejects.toMatchObject({
      code: STORE_ERRORS.DATA_VERSION.code,
      message: expect.stringContaining('belongs to PostgreSQL 15'),
    });
  }, 60_000);

  test('to hide why the server does not start', async () => {
    await startAndStop(folder);
    appendFileSync(join(folder, 'cluster', 'postgresql.conf'), '\nno_such_setting = 1\n');
    await expect(startEngine(folder)).rejects.toMatchObject({
      code: STORE_ERRORS.ENGINE_START_FAILED.code,
      message: expect.stringContaining('unrecognized configuration parameter "no_such_setting"'),
    });
    // The failed start holds nothing.
    await expect(startEngine(folder)).rejects.toThrow('no_such_setting');
  }, 60_000);
});

(IS_ROOT ? describe : describe.skip)('as root', () => {
  test('below a folder that only root may enter, the data goes to /var/lib/cerberus', async () => {
    const hidden = join(folder, 'hidden');
    const store = join(hidden, 'data', 'store');
    mkdirSync(store, { recursive: true });
    chmodSync(hidden, 0o700);
    const home = await startAndStop(store, join(hidden, 'data'));
    leftovers.push(home);
    expect(home).toMatch(/^\/var\/lib\/cerberus\/[0-9a-f]{12}-[0-9a-f]{8}$/);
    expect(statSync(hidden).mode & 0o777).toBe(0o700);
    expect(await startAndStop(store, join(hidden, 'data'))).toBe(home);
    // A copy of the folder points to the same data and may not run beside the first.
    const copy = join(hidden, 'copy');
    cpSync(store, copy, { recursive: true });
    const engine = await startEngine(store, join(hidden, 'data'));
    await expect(startEngine(copy)).rejects.toThrow('is already in use');
    await engine.stop();
    // Data that is gone is a loss, not a beginning.
    rmSync(home, { recursive: true });
    await expect(startEngine(store, join(hidden, 'data'))).rejects.toMatchObject({
      code: STORE_ERRORS.DATA_MISSING.code,
    });
  }, 60_000);

  test('the server runs as another user', async () => {
    const engine = await startEngine(folder);
    const status = readFileSync(`/proc/${engine.server.pid}/status`, 'utf8');
    expect(/Uid:\s+(\d+)/.exec(status)?.[1]).not.toBe('0');
    await engine.stop();
  }, 60_000);

  const canOthersRead = IS_ROOT && (statSync(REPOSITORY).mode & 0o5) === 0o5;
  (canOthersRead ? test : test.skip)(
    'an ordinary user starts it too, and root goes on with that data',
    async () => {
      const own = join(folder, 'own');
      mkdirSync(own, { mode: 0o700 });
      chownSync(own, NOBODY, NOBODY);
      const program = runProgram(own, { mode: 'once', uid: NOBODY });
      expect(await program.exited).toBe(0);
      expect(program.output()).toContain('user cerberus');
      expect(statSync(join(own, 'cluster')).uid).toBe(NOBODY);
      await startAndStop(own);
      const again = runProgram(own, { mode: 'once', uid: NOBODY });
      expect(await again.exited).toBe(0);
    },
    60_000,
  );
});
