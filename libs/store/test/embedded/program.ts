import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '@cerberus/testkit';

const PROGRAM = join(import.meta.dirname, '..', 'programs', 'keep-inserting.ts');

export interface Program {
  readonly child: ChildProcess;
  readonly exited: Promise<number | string | null>;
  output(): string;
  /** Pid of its server, once it is ready. */
  serverPid(): Promise<number>;
  /** Waits for so many acknowledged rows and gives the newest. */
  acknowledged(count: number): Promise<number>;
}

export interface ProgramOptions {
  readonly mode?: 'once';
  readonly uid?: number;
  readonly gid?: number;
  readonly program?: string;
}

/** Another process that runs PostgreSQL on a folder. */
export function runProgram(folder: string, options: ProgramOptions = {}): Program {
  const args = [
    options.program ?? PROGRAM,
    folder,
    ...(options.mode === undefined ? [] : [options.mode]),
  ];
  const child = spawn(process.execPath, args, {
    cwd: '/',
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid ?? options.uid }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const exited = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  const told = (what: string, holds: () => boolean) =>
    eventually(what, holds).catch((error: Error) => {
      throw new Error(`${error.message}; the program said last: ${output.slice(-2000)}`);
    });
  const newest = (): number => Number(/ack (\d+)\n[^\n]*$/.exec(output)?.[1] ?? 0);
  return {
    child,
    exited,
    output: () => output,
    async serverPid() {
      await told('the server is ready', () => /ready \d+/.test(output));
      return Number(/ready (\d+)/.exec(output)?.[1]);
    },
    async acknowledged(count) {
      await told('rows are acknowledged', () => newest() >= count);
      return newest();
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
