import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectByTls } from 'node:tls';

const ASK_TIMEOUT_MS = 2000;
const POLL_MS = 200;

/**
 * Sends bytes to a port of this machine and gives the first answer; undefined where there is none. By TLS
 * where a file is named with the authority that must vouch for the other end.
 */
export function ask(
  port: number,
  request: Buffer | string,
  authorityFile?: string,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const place = { port, host: '127.0.0.1' };
    const socket =
      authorityFile === undefined
        ? connect(place)
        : connectByTls({ ...place, ca: readFileSync(authorityFile) });
    const end = (answer: Buffer | undefined) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ASK_TIMEOUT_MS, () => end(undefined));
    socket.on(authorityFile === undefined ? 'connect' : 'secureConnect', () =>
      socket.write(request),
    );
    socket.on('data', end);
    socket.on('error', () => end(undefined));
    socket.on('close', () => end(undefined));
  });
}

export interface WaitOptions {
  readonly withinMs: number;
  healthy(): Promise<boolean>;
  alive(): boolean;
}

/** False where the process died or did not answer in time. */
export async function waitUntilHealthy({
  withinMs,
  healthy,
  alive,
}: WaitOptions): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (await healthy()) return true;
    if (!alive()) return false;
    await sleep(POLL_MS);
  }
  return false;
}
