import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CerberusError, type Clock, faultOf } from '@cerberus/core';
import type { Logger } from '@cerberus/runtime';
import { STORE_ERRORS } from '../errors.ts';

const POLL_MS = 10;

/** How long each signal may take: fast shutdown, immediate shutdown, kill. */
const STEPS = [
  { signal: 'SIGINT', withinMs: 4000 },
  { signal: 'SIGQUIT', withinMs: 3000 },
  { signal: 'SIGKILL', withinMs: 3000 },
] as const;

/**
 * Stops server processes that an earlier run left on the same cluster, e.g. when everything but
 * PostgreSQL was killed. The caller holds the instance lock, so whatever runs here belongs to nobody.
 * A postmaster.pid that remains may name a pid that another program has by now; PostgreSQL would then
 * refuse to start for ever, so it is removed once no process works in the cluster's folder.
 */
export async function stopLeftovers(cluster: string, clock: Clock, log: Logger): Promise<void> {
  // Without a list of processes PostgreSQL's own check of its pid file must do.
  if (process.platform !== 'linux') return;
  const pidFile = join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  for (const { signal, withinMs } of STEPS) {
    const running = processesIn(cluster);
    if (running.length === 0) break;
    log.warn({ pids: running, signal }, 'stopping a PostgreSQL that an earlier run left');
    const postmaster = postmasterPid(cluster);
    const isLed = postmaster !== undefined && running.includes(postmaster);
    for (const pid of isLed && signal !== 'SIGKILL' ? [postmaster] : running) send(pid, signal);
    const deadlineMs = clock.monotonicMs() + withinMs;
    while (processesIn(cluster).length > 0 && clock.monotonicMs() < deadlineMs)
      await clock.sleep(POLL_MS);
  }
  const stuck = processesIn(cluster);
  if (stuck.length === 0) {
    rmSync(pidFile, { force: true });
    return;
  }
  throw new CerberusError(
    faultOf(STORE_ERRORS.ENGINE_START_FAILED, {
      message: `an earlier PostgreSQL on ${cluster} cannot be stopped (pids ${stuck.join(', ')})`,
    }),
  );
}

/** Line 1 of postmaster.pid. */
export function postmasterPid(cluster: string): number | undefined {
  const pid = Number(pidFileLines(cluster)[0]);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

/** Line 8 of postmaster.pid: `starting`, `stopping`, `ready` or `standby`. */
export function postmasterStatus(cluster: string): string | undefined {
  return pidFileLines(cluster)[7]?.trim();
}

function pidFileLines(cluster: string): readonly string[] {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Every server process has the cluster as its working folder. */
function processesIn(cluster: string): readonly number[] {
  // The data folder may have been given by way of a link.
  const folder = realpathSync(cluster);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        // It ended meanwhile, or belongs to somebody else.
        return false;
      }
    });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
