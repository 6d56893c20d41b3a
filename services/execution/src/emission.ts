import type { Offsets, OutgoingRecord, Position, TransactionalProducer } from '@cerberus/bus';
import { invariant } from '@cerberus/core';

/** What the emitter writes in one step: outputs, saved state and, at intake, how far it has read. */
export interface Emission {
  readonly records: readonly OutgoingRecord[];
  readonly progress?: Position;
}

interface Waiting extends Emission {
  resolve(): void;
  reject(error: unknown): void;
}

/** Emissions in one commit; more wait for the next. */
const COMMIT_EMISSIONS_MAX = 256;

/** Beyond this the log has stopped: the process dies rather than grow. */
const WAITING_MAX = 50_000;

export interface EmissionQueueOptions {
  readonly producer: TransactionalProducer;
  /** Name under which progress is kept, shared by all candidates. */
  readonly groupId: string;
  /** Passes before each commit, so that what belongs together leaves together. */
  readonly gather?: () => Promise<void>;
  /** The producer is dead: fenced by a newer leader, or in doubt. This term is over. */
  readonly onDead: (error: unknown) => void;
}

/**
 * All output of one term, in the order it was asked for, through one transactional producer. While a
 * commit runs, later emissions gather and leave together in the next.
 */
export class EmissionQueue {
  readonly #options: EmissionQueueOptions;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #dead: unknown;

  constructor(options: EmissionQueueOptions) {
    this.#options = options;
  }

  /** Resolves when the emission is durable. Rejects when the term is over; it may or may not be. */
  emit(emission: Emission): Promise<void> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    invariant(this.#waiting.length < WAITING_MAX, 'the log keeps up with the emitter');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...emission, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Writes what waits and takes nothing more: what comes later is the next term's to find out. */
  async close(): Promise<void> {
    this.#dead ??= new Error('the term is over');
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#options.gather !== undefined) await this.#options.gather();
      const batch = this.#waiting.splice(0, COMMIT_EMISSIONS_MAX);
      try {
        await this.#commit(batch);
        for (const emission of batch) emission.resolve();
      } catch (error) {
        this.#die(error, batch);
      }
    }
    this.#running = undefined;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const records = batch.flatMap((emission) => emission.records);
    const offsets = newest(batch.flatMap(({ progress }) => progress ?? []));
    await this.#options.producer.commit({
      records,
      ...(offsets.length === 0 ? {} : { offsets: { groupId: this.#options.groupId, offsets } }),
    });
  }

  #die(error: unknown, batch: readonly Waiting[]): void {
    this.#dead = error;
    const lost = [...batch, ...this.#waiting];
    this.#waiting = [];
    this.#options.onDead(error);
    for (const emission of lost) emission.reject(error);
  }
}

/** Progress only ever grows; the last one of a partition stands for those before it. */
function newest(progress: readonly Position[]): Offsets {
  const last = new Map<string, Position>();
  for (const position of progress) {
    const key = `${position.topic}:${position.partition}`;
    const before = last.get(key);
    invariant(
      before === undefined || before.nextOffset <= position.nextOffset,
      'progress of a partition does not go back',
    );
    last.set(key, position);
  }
  return [...last.values()];
}
