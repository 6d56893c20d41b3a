import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

export interface LaunchOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly pidFile: string;
  readonly logFile: string;
  /** Who runs it, where that is not the caller. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** Starts a program in a session of its own, so that it outlives the terminal that asked for it. */
export function launch(options: LaunchOptions): number {
  mkdirSync(dirname(options.pidFile), { recursive: true });
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.program, [...options.args], {
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.environment },
    ...(options.user === undefined ? {} : options.user),
  });
  child.on('error', (error) => console.error(`${options.program}: ${error.message}`));
  child.unref();
  if (child.pid === undefined) throw new Error(`${options.program} cannot be started`);
  writeFileSync(options.pidFile, pidText(child.pid));
  return child.pid;
}

/** What a pid file holds: the id and when it was given, because ids are used again. */
export function pidText(pid: number): string {
  return `${pid} ${startTime(pid) ?? ''}\n`;
}

/** The process that the file names, if it is still that one: ids are used again. */
export function runningPid(pidFile: string): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const [pidText = '', started = ''] = readFileSync(pidFile, 'utf8').trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const now = startTime(pid);
  return now !== undefined && (started === '' || started === now) ? pid : undefined;
}

/** Asks the process to end, then makes it; true where it ended by itself. */
export async function terminate(
  pidFile: string,
  { signal = 'SIGTERM', withinMs = 20_000 }: { signal?: NodeJS.Signals; withinMs?: number } = {},
): Promise<boolean> {
  const pid = runningPid(pidFile);
  let isClean = true;
  if (pid !== undefined) {
    process.kill(pid, signal);
    const deadline = Date.now() + withinMs;
    while (runningPid(pidFile) !== undefined) {
      if (Date.now() > deadline) {
        isClean = false;
        process.kill(pid, 'SIGKILL');
        await sleep(POLL_MS);
        break;
      }
      await sleep(POLL_MS);
    }
  }
  rmSync(pidFile, { force: true });
  return isClean;
}

/** Field 22 of the kernel's process table: ticks since boot. Undefined for dead and zombie processes. */
function startTime(pid: number): string | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
