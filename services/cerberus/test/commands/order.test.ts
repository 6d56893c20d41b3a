import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cerberus, MAIN } from './command-line.ts';

let up: ChildProcess;
let folder: string;
let where: string[];

/** `cerberus up` as a user runs it, on a free port; resolves when it has printed where it is. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cerberus-order-'));
  // PostgreSQL runs as a user of its own and must reach its data.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const data = join(folder, 'data');
  const args = ['up', '--port', String(port), '--data-dir', data, '--json'];
  up = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    up.stdout?.once('data', () => resolve());
    up.once('exit', (code) => reject(new Error(`up ended with ${code}`)));
  });
  where = ['--url', `http://127.0.0.1:${port}`, '--key-file', join(data, 'api-key')];
}, 90_000);

afterAll(async () => {
  const gone = new Promise((resolve) => up.once('exit', resolve));
  up.kill('SIGTERM');
  await gone;
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const BUY = ['--symbol', 'BTCUSDT', '--side', 'buy'];

describe('cerberus order against a running platform', () => {
  test('shows the check, sends and follows to the fill', async () => {
    const run = await cerberus(['order', ...BUY, '--quantity', '0.1', ...where]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/price_collar +pass/);
    expect(run.stdout).toMatch(/filled +0\.1 of 0\.1 at \d+/);
  }, 40_000);

  test('a resting order is followed to the book and cancelled', async () => {
    const terms = [...BUY, '--quantity', '0.1', '--type', 'limit', '--limit-price', '50000'];
    const placed = await cerberus(['order', ...terms, '--json', ...where]);
    expect(placed.code).toBe(0);
    const { order } = JSON.parse(placed.stdout);
    expect(order.status).toBe('NEW');
    const gone = await cerberus(['order', '--cancel', order.order_id, '--json', ...where]);
    expect(JSON.parse(gone.stdout).order.status).toBe('CANCELED');
  }, 40_000);

  test('--check-only sends nothing; a blocked order is a failure, an unknown symbol bad input', async () => {
    const checked = await cerberus([
      'order',
      ...BUY,
      '--quantity',
      '0.1',
      '--check-only',
      ...where,
    ]);
    expect(checked.code).toBe(0);
    expect(checked.stdout).not.toContain('sent');
    const blocked = await cerberus(['order', ...BUY, '--quantity', '100000', ...where]);
    expect(blocked.code).toBe(1);
    expect(blocked.stdout).toContain('BLOCK');
    const unknown = await cerberus([
      'order',
      '--symbol',
      'NOPE',
      '--side',
      'buy',
      '--quantity',
      '1',
      ...where,
    ]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('CRB_MODEL_SYMBOL_UNKNOWN');
  }, 40_000);
});

test('without a gateway the failure says what to start', async () => {
  const port = await freePort();
  const run = await cerberus([
    'order',
    ...BUY,
    '--quantity',
    '1',
    '--url',
    `http://127.0.0.1:${port}`,
    ...where.slice(2),
  ]);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('CRB_CLI_GATEWAY_UNREACHABLE');
  expect(run.stderr).toContain('cerberus up');
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      );
    });
  });
}
