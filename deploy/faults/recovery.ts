import { type Cluster, INFRA_PARTS, type InfraPart, type Instance } from './cluster-process.ts';
import { pause, percentile } from './platform-client.ts';

const POLL_MS = 25;
/** After this a part has not recovered; the campaign says so and goes on. */
const RECOVERY_MS_MAX = 90_000;
/** All returns together but those of the emitter, which waits for the lease of the one before it. */
const ANY_SERVICE = 'any service but execution';

type Names = readonly [string, ...string[]];

export interface Times {
  readonly count: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

/** How long things took to be there again, by what was killed. */
export class Recovery {
  readonly #cluster: Cluster;
  readonly #times = new Map<string, number[]>();
  #failures: string[] = [];
  /** Of the infrastructure: killed, and not everything ready again yet. */
  #partsAway = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** From the kill until a process may send orders that was not the one killed, or is a new one. */
  async ofLeader(killed: Instance, sinceMs: number): Promise<void> {
    const before = this.#cluster.pidOf(killed.name);
    await this.#until(['take-over of the emitter'], sinceMs, async () => {
      const leader = await this.#cluster.leader();
      if (leader === undefined) return false;
      return leader.name !== killed.name || this.#cluster.pidOf(killed.name) !== before;
    });
  }

  /** From the kill until the supervisor's new process is ready: partitions assigned and restored. */
  async ofService(killed: Instance, sinceMs: number): Promise<void> {
    const service = killed.name.replace(/-\d+$/, '');
    const names: Names = service === 'execution' ? [service] : [service, ANY_SERVICE];
    await this.#until(names, sinceMs, () => this.#cluster.isReady(killed));
  }

  /** From the kill, the time without the part included, until every process is ready again. */
  async ofPart(
    part: InfraPart | 'settling',
    sinceMs: number,
    isServing: () => boolean,
  ): Promise<void> {
    const isAway = part !== 'settling';
    if (isAway) this.#partsAway += 1;
    await this.#until([part], sinceMs, async () => {
      if (!isServing()) return false;
      const states = await Promise.all(
        this.#cluster.instances.map((instance) => this.#cluster.isReady(instance)),
      );
      return states.every(Boolean) && (await this.#cluster.leader()) !== undefined;
    });
    if (isAway) this.#partsAway -= 1;
  }

  /** Everything is ready; how long that takes is nobody's recovery. */
  ofAll(): Promise<void> {
    return this.ofPart('settling', performance.now(), () => true);
  }

  timesOf(what: string): Times {
    const values = this.#times.get(what) ?? [];
    return {
      count: values.length,
      p50_ms: percentile(values, 0.5),
      p99_ms: percentile(values, 0.99),
      max_ms: percentile(values, 1),
    };
  }

  get known(): readonly string[] {
    return [...this.#times.keys()].sort();
  }

  /** What was not there again in time. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  /** Kept under each of the names. */
  async #until(names: Names, sinceMs: number, holds: () => Promise<boolean>): Promise<void> {
    const [what] = names;
    let besidePart = false;
    for (;;) {
      const isThere = await holds();
      const tookMs = Math.round(performance.now() - sinceMs);
      besidePart ||= this.#partsAway > 0 && !isPart(what);
      if (isThere) {
        // Two faults at once are told apart from one.
        const suffix = besidePart ? ', a part away as well' : '';
        for (const name of names) this.#note(`${name}${suffix}`, tookMs);
        return;
      }
      if (tookMs > RECOVERY_MS_MAX) {
        this.#failures.push(`${what} after ${tookMs} ms`);
        return;
      }
      await pause(POLL_MS);
    }
  }

  #note(name: string, tookMs: number): void {
    this.#times.set(name, [...(this.#times.get(name) ?? []), tookMs]);
  }
}

function isPart(what: string): boolean {
  return INFRA_PARTS.some((part) => part === what);
}
