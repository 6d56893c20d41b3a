import type { LaunchOptions } from '../background-process.ts';

/** One server process of the infrastructure. */
export interface Part {
  /** Also the name of its folder, log and pid file. */
  readonly name: string;
  readonly port: number;
  /** What it is asked to end with; SIGTERM where absent. */
  readonly stopSignal?: NodeJS.Signals;
  readonly startMs: number;
  /** Makes programs and files ready; called only where it does not run yet. */
  prepare(): Pick<LaunchOptions, 'program' | 'args' | 'environment' | 'user'>;
  healthy(): Promise<boolean>;
}
