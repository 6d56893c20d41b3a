import type { Clock } from '@cerberus/core';
import { type BrokerConnection, brokerError } from './broker-connection.ts';
import { type ClusterMap, placeName } from './cluster-map.ts';
import type { PartitionRecords } from './kafka-records.ts';
import type { ProducedPartition } from './produce-protocol.ts';

const UNKNOWN = -1;
const NO_LEADER = 5;

export interface PartitionSenderOptions {
  readonly map: Pick<ClusterMap, 'refresh' | 'leader' | 'topicError' | 'connect'>;
  readonly clock: Clock;
  onError(what: string, error: unknown): void;
}

export interface Unsent {
  readonly group: PartitionRecords;
  readonly error: unknown;
}

/**
 * Sends records to the leaders of their partitions, to each leader in one request, with one connection
 * per broker. What it gives back may be there all the same: whoever sends it again may send it twice.
 */
export class PartitionSender {
  readonly #options: PartitionSenderOptions;
  readonly #brokers = new Map<number, BrokerConnection>();
  #isMapStale = true;

  constructor(options: PartitionSenderOptions) {
    this.#options = options;
  }

  /** Once, each partition named once; gives those that are not known to be written. One at a time. */
  async send(groups: readonly PartitionRecords[]): Promise<Unsent[]> {
    const { map } = this.#options;
    try {
      if (this.#isMapStale) await map.refresh();
      this.#isMapStale = false;
    } catch (error) {
      return groups.map((group) => ({ group, error }));
    }
    const unsent: Unsent[] = [];
    const byLeader = new Map<number, PartitionRecords[]>();
    for (const group of groups) {
      const nodeId = map.leader(group);
      const led = nodeId === undefined ? undefined : byLeader.get(nodeId);
      if (led !== undefined) led.push(group);
      else if (nodeId !== undefined) byLeader.set(nodeId, [group]);
      else unsent.push(refused(group, map.topicError(group.topic) ?? NO_LEADER));
    }
    const sent = [...byLeader].map(([nodeId, led]) => this.#sendTo(nodeId, led));
    for (const ofBroker of await Promise.all(sent)) unsent.push(...ofBroker);
    // Whatever it was: most often it is that leaders have moved.
    this.#isMapStale = unsent.length > 0;
    return unsent;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#brokers.keys()].map((nodeId) => this.#drop(nodeId)));
  }

  async #sendTo(nodeId: number, groups: readonly PartitionRecords[]): Promise<Unsent[]> {
    try {
      const broker = await this.#broker(nodeId);
      const nowMs = Math.floor(this.#options.clock.nowUs() / 1000);
      return unsentOf(groups, await broker.produce(groups, nowMs));
    } catch (error) {
      void this.#drop(nodeId);
      return groups.map((group) => ({ group, error }));
    }
  }

  /** Brokers close what was idle for minutes, which is no error. */
  async #broker(nodeId: number): Promise<BrokerConnection> {
    const known = this.#brokers.get(nodeId);
    if (known?.isOpen === true) return known;
    const opened = await this.#options.map.connect(nodeId);
    this.#brokers.set(nodeId, opened);
    return opened;
  }

  async #drop(nodeId: number): Promise<void> {
    const broker = this.#brokers.get(nodeId);
    this.#brokers.delete(nodeId);
    try {
      await broker?.close();
    } catch (error) {
      this.#options.onError(`closing the connection to broker ${nodeId}`, error);
    }
  }
}

function unsentOf(
  groups: readonly PartitionRecords[],
  answer: readonly ProducedPartition[],
): Unsent[] {
  const codes = new Map(answer.map((at) => [placeName(at), at.errorCode]));
  return groups.flatMap((group) => {
    const code = codes.get(placeName(group)) ?? UNKNOWN;
    return code === 0 ? [] : [refused(group, code)];
  });
}

function refused(group: PartitionRecords, code: number): Unsent {
  const cause = brokerError(code);
  const message = `${placeName(group)}: ${cause.message} (${cause.type})`;
  return { group, error: new Error(message, { cause }) };
}
