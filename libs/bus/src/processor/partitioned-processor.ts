import { invariant } from '@cerberus/core';
import { notReady, READY, type Readiness } from '@cerberus/runtime';
import { type Codecs, TOPICS, type TopicName } from '@cerberus/schema';
import { isHopeless } from '../errors.ts';
import type { Batch, Bus, StreamProducer, Subscription, TopicPartition } from '../port.ts';
import { Changelog, type StateSerializer, type StateTopic } from './changelog.ts';
import type { HandlerContext } from './handler-context.ts';
import type { BusHost, InputOf } from './message.ts';
import { processorMetrics } from './processor-metrics.ts';
import { ProcessorStopped, ProcessorTask } from './processor-task.ts';

const LAG_PERIOD_MS = 15_000;

export interface ProcessorOptions<T extends TopicName, S> {
  /** Group id, and with the partition number the transactional id. */
  readonly service: string;
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly host: BusHost;
  /** Ledger topics with equal partition counts. */
  readonly inputs: readonly T[];
  readonly state?: { readonly topic: StateTopic; readonly serializer: StateSerializer<S> };
  /** Side tables of which all that can be read is read before the first record is handled. */
  readonly tables?: readonly { readonly drained: Promise<void> }[];
  /** Synchronous and deterministic; whatever it throws becomes a dead letter, a broken invariant a stop. */
  handle(input: InputOf<T>, context: HandlerContext<S>): void;
  /** Work by time, once per partition held. */
  readonly tick?: {
    readonly everyMs: number;
    run(context: HandlerContext<S>): void;
  };
  /** Most records in one commit. */
  readonly batchRecords?: number;
  /** Records that may wait for others, so that there are fewer commits; none where absent. */
  readonly patience?: Patience<T>;
}

/** Records of these topics, of all where none is named, may wait so long, in milliseconds. */
export interface Patience<T extends TopicName> {
  readonly ms: number;
  readonly topics?: readonly T[];
}

/**
 * Reads co-partitioned ledgers; the outputs of a batch, the changes of state and the offsets commit
 * together, so that each record has its effect exactly once, whatever dies when.
 */
export class PartitionedProcessor<T extends TopicName, S = never> {
  readonly #options: ProcessorOptions<T, S>;
  readonly #tasks = new Map<number, ProcessorTask<T, S>>();
  readonly #changelog: Changelog<S> | undefined;
  readonly #metrics: ReturnType<typeof processorMetrics>;
  #streams: StreamProducer | undefined;
  #subscription: Subscription | undefined;
  readonly #timers: { cancel(): void }[] = [];
  #stopping = false;

  constructor(options: ProcessorOptions<T, S>) {
    this.#options = options;
    const { bus, codecs, host, inputs, state } = options;
    const counts = new Set(inputs.map((topic) => bus.partitions(topic)));
    invariant(counts.size === 1, `inputs of ${options.service} have equal partition counts`);
    for (const topic of inputs) {
      invariant(
        TOPICS[topic].class === 'ledger',
        `input ${topic} of ${options.service} is a ledger`,
      );
    }
    if (state !== undefined) {
      invariant(
        bus.partitions(state.topic) >= bus.partitions(inputs[0]!),
        `${state.topic} has a partition for every partition of the inputs`,
      );
      this.#changelog = new Changelog({ bus, codecs, host, ...state });
    }
    this.#metrics = processorMetrics(host.metrics);
  }

  async start(): Promise<void> {
    const { bus, service, inputs, tables = [], tick, host, batchRecords, patience } = this.#options;
    this.#streams = bus.streamProducer();
    await Promise.all([this.#changelog?.start(), ...tables.map((table) => table.drained)]);
    if (this.#stopping) return;
    this.#subscription = await bus.subscribeGroup({
      groupId: service,
      topics: inputs,
      commit: 'manual',
      // A task whose producer was shut out meanwhile fails its next commit, and is restored then.
      isFenced: true,
      onAssigned: (partitions) => this.#assigned(partitions),
      onRevoked: (partitions) => this.#revoked(partitions),
      eachBatch: (batch) => this.#process(batch),
      ...(batchRecords === undefined ? {} : { batchRecords }),
      // Where all may wait, the broker gathers too.
      ...(patience === undefined || patience.topics !== undefined
        ? {}
        : { patienceMs: patience.ms }),
    });
    this.#timers.push(host.clock.every(LAG_PERIOD_MS, () => void this.#measureLag()));
    if (tick === undefined) return;
    const runTick = () => {
      for (const task of this.#tasks.values()) {
        task.tick('tick', tick.run).catch((error: unknown) => this.#reportTick(error));
      }
    };
    this.#timers.push(host.clock.every(tick.everyMs, runTick));
  }

  ready(): Readiness {
    if (this.#stopping) return notReady(`${this.#options.service} is stopping`);
    if (this.#subscription === undefined) return notReady('reading tables and changelog');
    const joined = this.#subscription.ready();
    if (!joined.ready) return joined;
    const restoring = [...this.#tasks].filter(([, task]) => !task.ready).map(([n]) => n);
    return restoring.length === 0
      ? READY
      : notReady(`restoring partitions ${restoring.join(', ')}`);
  }

  /** Finishes the batches in hand. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) timer.cancel();
    await this.#subscription?.stop();
    for (const task of this.#tasks.values()) await task.close();
    this.#tasks.clear();
    await this.#changelog?.stop();
    await this.#streams?.close();
  }

  async #assigned(partitions: readonly TopicPartition[]): Promise<void> {
    const gained = new Set(partitions.map(({ partition }) => partition));
    for (const partition of gained) {
      if (!this.#tasks.has(partition)) this.#tasks.set(partition, this.#newTask(partition));
    }
    try {
      await Promise.all([...gained].map((partition) => this.#tasks.get(partition)!.open()));
    } catch (error) {
      const { host, service } = this.#options;
      host.log.error({ err: error, partitions: [...gained] }, `${service} cannot restore`);
      if (isHopeless(error)) {
        this.#stopping = true;
        host.supervisor.stop(error, { component: service });
      }
      throw error;
    }
  }

  async #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    const lost = new Set(partitions.map(({ partition }) => partition));
    for (const partition of lost) {
      const task = this.#tasks.get(partition);
      this.#tasks.delete(partition);
      await task?.close();
    }
  }

  async #process(batch: Batch): Promise<void> {
    // A stopped processor commits nothing more; its batch stays unresolved for the next owner.
    if (this.#stopping) throw new ProcessorStopped();
    const task = this.#tasks.get(batch.partition);
    invariant(task !== undefined, `partition ${batch.partition} is assigned`);
    await task.process(batch);
  }

  #newTask(partition: number): ProcessorTask<T, S> {
    const { service, bus, codecs, host, inputs, handle, patience } = this.#options;
    return new ProcessorTask({
      waitMs: (topic) => waitMs(patience, topic),
      service,
      partition,
      inputs,
      bus,
      codecs,
      host,
      metrics: this.#metrics,
      streams: this.#streams!,
      changelog: this.#changelog,
      handle,
      onStop: () => {
        this.#stopping = true;
      },
    });
  }

  async #measureLag(): Promise<void> {
    const { bus, inputs, host, service } = this.#options;
    try {
      for (const end of await bus.endOffsets(inputs)) {
        const task = this.#tasks.get(end.partition);
        if (task === undefined || !task.ready) continue;
        // Nothing committed yet: all of it is still to be done.
        this.#metrics.lag(end, Number(end.nextOffset - (task.nextOffset(end.topic) ?? 0n)));
      }
    } catch (error) {
      host.log.warn({ err: error }, `${service} cannot measure its lag`);
    }
  }

  #reportTick(error: unknown): void {
    if (error instanceof ProcessorStopped) return;
    this.#options.host.log.error(
      { err: error },
      `${this.#options.service} tick will be tried again`,
    );
  }
}

function waitMs<T extends TopicName>(patience: Patience<T> | undefined, topic: T): number {
  if (patience === undefined) return 0;
  return (patience.topics?.includes(topic) ?? true) ? patience.ms : 0;
}
