import type { AddressInfo } from 'node:net';
import { SeededRng, SystemClock } from '@cerberus/runtime';
import { VenueSocket, type VenueSocketTimings } from '@cerberus/venues';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocketServer } from 'ws';

const clock = new SystemClock();
let server: WebSocketServer;
let stopSocket: (() => void) | undefined;
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((done) => server.once('listening', done));
});
afterEach(async () => {
  stopSocket?.();
  for (const client of server.clients) client.terminate();
  await new Promise((done) => server.close(done));
});

function connect(timings: Partial<VenueSocketTimings>, url?: () => string) {
  const log: string[] = [];
  const delays: number[] = [];
  const socket = new VenueSocket({
    clock,
    rng: new SeededRng(5),
    url: url ?? (() => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`),
    timings: { backoffFirstMs: 20, backoffMaxMs: 100, ...timings },
    onOpen: () => log.push('open'),
    onText: (text) => log.push(text),
    onDown: (reason, _detail, retryInMs) => {
      log.push(reason);
      delays.push(retryInMs ?? -1);
    },
  });
  stopSocket = () => socket.stop();
  socket.start();
  return { socket, log, delays };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i += 1) await clock.sleep(20);
  expect(condition()).toBe(true);
}

describe('VenueSocket', () => {
  test('receives, and comes back after the venue closes', async () => {
    server.on('connection', (client) => {
      client.send('hello');
      client.close(1001);
    });
    const { log } = connect({});
    await until(() => log.filter((entry) => entry === 'open').length >= 2);
    expect(log.slice(0, 4)).toEqual(['open', 'hello', 'closed', 'open']);
  });

  test('a peer that answers nothing at all is given up', async () => {
    server.on('connection', (client) => {
      // Reading nothing any more, it will not see our pings.
      client.pause();
    });
    const { log } = connect({ pingEveryMs: 50, silenceMs: 150 });
    await until(() => log.includes('silence'));
  });

  test('a peer that only answers pings is given up where messages are due', async () => {
    const { log } = connect({ pingEveryMs: 50, silenceMs: 5000, dataSilenceMs: 150 });
    await until(() => log.includes('data_silence'));
    expect(log).not.toContain('silence');
  });

  test('leaves at the end of its lifetime and comes back at once', async () => {
    const { log, delays } = connect({ lifetimeMs: 100 });
    await until(() => log.filter((entry) => entry === 'open').length >= 2);
    expect(log.slice(0, 3)).toEqual(['open', 'lifetime', 'open']);
    expect(delays[0]).toBe(0);
  });

  test('waits longer from failure to failure, with jitter, up to the bound', async () => {
    const { delays } = connect({}, () => 'ws://127.0.0.1:1');
    await until(() => delays.length >= 6);
    delays.forEach((delay, attempt) => {
      expect(delay).toBeGreaterThan(0);
      expect(delay).toBeLessThanOrEqual(Math.min(100, 20 * 2 ** attempt));
    });
    expect(new Set(delays).size).toBe(delays.length);
  });

  test('an address that cannot be had is asked for again', async () => {
    let asked = 0;
    const { log } = connect({}, () => {
      asked += 1;
      if (asked < 3) throw new Error('no listen key');
      return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    await until(() => log.includes('open'));
    expect(log).toEqual(['error', 'error', 'open']);
  });

  test('an address that is none is a failed attempt, stop and start make one connection', async () => {
    let asked = 0;
    const { socket, log } = connect({}, () => {
      asked += 1;
      return asked === 1
        ? 'no address'
        : `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    socket.stop();
    socket.start();
    await until(() => log.includes('open'));
    await clock.sleep(100);
    expect(log.filter((entry) => entry === 'open')).toEqual(['open']);
    expect(server.clients.size).toBe(1);
  });

  test('a stopped socket stays stopped', async () => {
    const { socket, log } = connect({});
    await until(() => log.includes('open'));
    socket.stop();
    await clock.sleep(150);
    expect(log).toEqual(['open', 'asked']);
    expect(socket.open).toBe(false);
    expect(socket.send('lost')).toBe(false);
  });
});
