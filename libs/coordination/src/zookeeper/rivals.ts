import type { Clock } from '@cerberus/core';
import { instanceOf, sequenceOf } from './election-nodes.ts';
import type { ZooKeeperSession } from './zookeeper-session.ts';

export interface RivalsOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Folder of the candidates. */
  readonly folder: string;
  readonly instanceId: string;
}

interface Twin {
  readonly node: string;
  readonly sinceMs: number;
}

/** What one candidate has seen of the others. */
export class Rivals {
  readonly #options: RivalsOptions;
  /** Instance ids never change, so each node is read once. */
  #instances = new Map<string, string | undefined>();
  #twin: Twin | undefined;
  #former: { readonly node: string; readonly writtenMs: number } | undefined;

  constructor(options: RivalsOptions) {
    this.#options = options;
  }

  /**
   * How long an earlier candidate of our own instance id has stood before us, undefined where there is
   * none. That of a process that was killed goes with its session.
   */
  get twinForMs(): number | undefined {
    if (this.#twin === undefined) return undefined;
    return this.#options.clock.monotonicMs() - this.#twin.sinceMs;
  }

  /** When whoever stood first last renewed its place, by the ensemble's clock. */
  get formerWrittenMs(): number | undefined {
    return this.#former?.writtenMs;
  }

  async look(session: ZooKeeperSession, names: readonly string[], own: string): Promise<void> {
    const { folder, instanceId, clock } = this.#options;
    const others = names.filter((name) => name !== own);
    const known = new Map<string, string | undefined>();
    for (const name of others) {
      const node = this.#instances.has(name) ? undefined : await session.read(`${folder}/${name}`);
      known.set(name, node === undefined ? this.#instances.get(name) : instanceOf(node.data));
    }
    this.#instances = known;
    const twin = others.find(
      (name) => known.get(name) === instanceId && sequenceOf(name) < sequenceOf(own),
    );
    if (twin === undefined) this.#twin = undefined;
    else if (this.#twin?.node !== twin) {
      this.#twin = { node: twin, sinceMs: clock.monotonicMs() };
    }
    const first = firstOf(names);
    if (first === undefined || first === own) return;
    const leader = await session.read(`${folder}/${first}`);
    if (leader !== undefined) this.#former = { node: first, writtenMs: leader.writtenMs };
  }
}

/** Whose turn it is: the lowest number. */
export function firstOf(names: readonly string[]): string | undefined {
  return names.reduce<string | undefined>(
    (a, b) => (a === undefined || sequenceOf(b) < sequenceOf(a) ? b : a),
    undefined,
  );
}
