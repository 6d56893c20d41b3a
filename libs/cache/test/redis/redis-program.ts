import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { eventually } from '@cerberus/testkit';

export const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0;

/** A server of the test's own, to be killed and started again. It keeps nothing on disk. */
export class RedisProgram {
  readonly port: number;
  readonly #options: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, options: readonly string[]) {
    this.port = port;
    this.#options = options;
  }

  static async start(...options: readonly string[]): Promise<RedisProgram> {
    const program = new RedisProgram(await freePort(), options);
    await program.start();
    return program;
  }

  async start(): Promise<void> {
    const always = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn('redis-server', ['--port', `${this.port}`, ...always, ...this.#options]);
    this.#child = child;
    let output = '';
    child.stdout?.on('data', (text) => {
      output += String(text);
    });
    await eventually('redis-server takes connections', () =>
      output.includes('Ready to accept connections'),
    );
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGKILL');
    });
  }

  /** Stands still with its connections open, as a server that swaps. */
  pause(isPaused: boolean): void {
    this.#child?.kill(isPaused ? 'SIGSTOP' : 'SIGCONT');
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
