import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

const PROGRAM = join(import.meta.dirname, 'programs', 'demo-service.ts');

let root: string;
let children: ChildProcess[] = [];
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cerberus-run-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  readonly exited: Promise<number | string | null>;
  output(): string;
  /** Base URL, once it listens. */
  url(): Promise<string>;
}

function run(environment: Record<string, string> = {}, argv: string[] = []): Run {
  const child = spawn(process.execPath, [PROGRAM, ...argv], {
    cwd: root,
    env: { PATH: process.env['PATH'], CERBERUS_HOST_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  let announce: (url: string) => void;
  const listening = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const exited = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const match = /answering on (http:\/\/[^/]+)/.exec(output);
      if (match !== null) announce(match[1] as string);
    });
  }
  const gone = exited.then((code) => {
    throw new Error(`ended with ${code} before it listened: ${output}`);
  });
  gone.catch(() => undefined);
  return { child, exited, output: () => output, url: () => Promise.race([listening, gone]) };
}

describe('runService', () => {
  test('answers health, readiness per dependency, metrics and its own routes; drains on SIGTERM', async () => {
    const service = run({ CERBERUS_DEMO_GREETING: 'good day', CERBERUS_COUNTER_FROM: '4' });
    const url = await service.url();
    const health = (await (await fetch(`${url}/health`)).json()) as {
      status: string;
      name: string;
    };
    expect(health).toMatchObject({ status: 'ok', name: 'demo' });
    // It answers before it has started; from then on it is ready.
    while ((await fetch(`${url}/ready`)).status !== 200) await sleep(10);
    expect(await (await fetch(`${url}/ready`)).json()).toEqual({
      ready: true,
      dependencies: {
        start: { ready: true },
        counter: { ready: true },
        demo: { ready: true },
        'health-server': { ready: true },
      },
    });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'cerberus_nodejs_eventloop_lag_seconds',
    );
    const greeting = await fetch(`${url}/greetings/you%20all`);
    expect(await greeting.json()).toEqual({ text: 'good day you all', count: 5 });
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/health`, { method: 'POST' })).status).toBe(405);
    service.child.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    // Ports outlive the services that use them.
    expect(service.output()).toMatch(/drained[\s\S]*port closed[\s\S]*"stopped"/);
  });

  test('a drain has a limit', async () => {
    const service = run({
      CERBERUS_DEMO_STOP_TAKES_MS: '60000',
      CERBERUS_HOST_DRAIN_TIMEOUT_MS: '100',
    });
    await service.url();
    service.child.kill('SIGTERM');
    expect(await service.exited).toBe(1);
    expect(service.output()).toContain('demo did not stop: out of time');
  });

  test('a second signal ends it at once', async () => {
    const service = run({ CERBERUS_DEMO_STOP_TAKES_MS: '60000' });
    await service.url();
    service.child.kill('SIGTERM');
    while (!service.output().includes('stopping within'))
      await new Promise((resolve) => setTimeout(resolve, 5));
    service.child.kill('SIGINT');
    expect(await service.exited).toBe(130);
  });

  test.each([
    ['throw', 'stray'],
    ['reject', 'stray'],
    ['invariant', 'sums agree'],
  ])('%s ends the process with 1 and a fatal line', async (crash, text) => {
    const service = run({ CERBERUS_DEMO_CRASH: crash });
    expect(await service.exited).toBe(1);
    expect(service.output()).toMatch(new RegExp(`"level":"fatal".*${text}`));
  });

  test('a second instance in the same folder is refused', async () => {
    const first = run();
    await first.url();
    const second = run();
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`is already in use by pid ${first.child.pid}`);
  });

  test('a taken port is named with the key to change', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const service = run({ CERBERUS_HOST_PORT: String(port) });
    expect(await service.exited).toBe(1);
    expect(service.output()).toContain(`port ${port} on 127.0.0.1 is taken`);
    expect(service.output()).toContain('host.port (CERBERUS_HOST_PORT)');
    server.close();
  });

  test('a wrong configuration is one clear line and no stack', async () => {
    const file = join(root, 'bad.yaml');
    writeFileSync(file, 'demo:\n  greting: hi\nmarket-data: {venue: x}\n');
    const service = run({}, ['--config', file]);
    expect(await service.exited).toBe(1);
    expect(service.output()).toBe(
      'demo: configuration: demo.greting: unknown key; did you mean demo.greeting? (bad.yaml:2:3)\n',
    );
  });

  test('an unknown option is one line', async () => {
    const service = run({}, ['--colour']);
    expect(await service.exited).toBe(1);
    expect(service.output()).toMatch(
      /^demo: Unknown option '--colour'.* \(--help lists the options\)\n$/,
    );
  });

  test('--help lists the settings', async () => {
    const service = run({}, ['--help']);
    expect(await service.exited).toBe(0);
    expect(service.output()).toContain('CERBERUS_DEMO_GREETING');
  });
});
