import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, startEngine, temporaryFolder } from '../open-embedded.ts';
import { isAlive, type Program, runProgram } from './program.ts';

let folder: string;
let programs: Program[];
beforeEach(() => {
  folder = temporaryFolder('kill');
  programs = [];
});
afterEach(async () => {
  for (const program of programs) program.child.kill('SIGKILL');
  await Promise.all(programs.map((program) => program.exited));
  rmSync(folder, { recursive: true, force: true });
});

function run(): Program {
  const program = runProgram(folder);
  programs.push(program);
  return program;
}

/** Rows 1 … n without gap, of which at least those acknowledged are there. */
async function expectRows(acknowledged: number): Promise<void> {
  const engine = await startEngine(folder);
  const store = await connect(engine);
  const { rows } = await store.query<{ n: bigint; newest: bigint }>(
    'SELECT count(*) AS n, max(id) AS newest FROM ack',
  );
  expect(rows[0]?.n).toBe(rows[0]?.newest);
  expect(Number(rows[0]?.n)).toBeGreaterThanOrEqual(acknowledged);
  // One insert may have been committed whose acknowledgement did not get out.
  expect(Number(rows[0]?.n)).toBeLessThanOrEqual(acknowledged + 1);
  await store.close();
  await engine.stop();
}

/** The newest acknowledged row, read after the program has ended and all its output is here. */
async function endOf(program: Program): Promise<number> {
  await program.exited;
  return program.acknowledged(1);
}

const keeperOf = (pid: number): number => {
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)]).toString());
};

describe('kill -9', () => {
  test('of our process: the server ends, nothing acknowledged is lost', async () => {
    const program = run();
    const server = await program.serverPid();
    await program.acknowledged(20);
    program.child.kill('SIGKILL');
    const newest = await endOf(program);
    await eventually('the server has ended with its parent', () => !isAlive(server));
    await expectRows(newest);
  }, 60_000);

  test('of our process and at once a new start', async () => {
    let newest = 0;
    for (let round = 0; round < 3; round += 1) {
      const program = run();
      await program.acknowledged(newest + 10);
      program.child.kill('SIGKILL');
      newest = await endOf(program);
    }
    await expectRows(newest);
  }, 90_000);

  test('of everything but the server: it is found and stopped by the next start', async () => {
    const program = run();
    const server = await program.serverPid();
    await program.acknowledged(10);
    const keeper = keeperOf(server);
    // The watcher first: it would stop the server.
    const family = execFileSync('ps', ['-o', 'pid=', '--ppid', String(keeper)])
      .toString()
      .trim()
      .split(/\s+/)
      .map(Number)
      .filter((pid) => pid !== server);
    for (const pid of [...family, keeper]) process.kill(pid, 'SIGKILL');
    program.child.kill('SIGKILL');
    const newest = await endOf(program);
    expect(isAlive(server)).toBe(true);
    await expectRows(newest);
    await eventually('the orphan is gone', () => !isAlive(server));
  }, 60_000);

  test('of the server and our process together: crash recovery', async () => {
    const program = run();
    const server = await program.serverPid();
    await program.acknowledged(10);
    process.kill(server, 'SIGKILL');
    program.child.kill('SIGKILL');
    await expectRows(await endOf(program));
  }, 60_000);

  test('of the server alone: it is started again under the running process', async () => {
    const engine = await startEngine(folder);
    const store = await connect(engine);
    await store.query('CREATE TABLE ack (id bigint PRIMARY KEY)');
    await store.query('INSERT INTO ack VALUES (1)');
    const killed = engine.server.pid as number;
    process.kill(killed, 'SIGKILL');
    await eventually(
      'a new server is ready',
      () => engine.ready().ready && engine.server.pid !== killed,
    );
    await eventually('the store has connected again', () =>
      store.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    );
    await store.close();
    await engine.stop();
    await expectRows(1);
  }, 60_000);

  test('and a pid file that names a process of another program', async () => {
    const program = run();
    await program.acknowledged(5);
    const server = await program.serverPid();
    process.kill(server, 'SIGKILL');
    program.child.kill('SIGKILL');
    const newest = await endOf(program);
    const file = join(folder, 'cluster', 'postmaster.pid');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [String(process.pid), ...lines.slice(1)].join('\n'));
    await expectRows(newest);
  }, 60_000);
});
