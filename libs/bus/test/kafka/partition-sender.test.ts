import { SystemClock } from '@cerberus/runtime';
import { describe, expect, test } from '@jest/globals';
import type { BrokerConnection } from '../../src/kafka/broker-connection.ts';
import { placeName } from '../../src/kafka/cluster-map.ts';
import type { PartitionRecords } from '../../src/kafka/kafka-records.ts';
import { PartitionSender } from '../../src/kafka/partition-sender.ts';

const NOT_LEADER = 6;
const NOT_AUTHORISED = 29;

/** What no broker does when asked: leaders that move, single partitions refused, sockets that end. */
class FakeCluster {
  readonly leaders = new Map<string, number>();
  readonly topicErrors = new Map<string, number>();
  readonly codes = new Map<string, number>();
  readonly asked: string[] = [];
  readonly connections: { nodeId: number; isOpen: boolean }[] = [];
  refreshes = 0;
  unreachable: Error | undefined;
  /** As last heard, by whoever asks. */
  #heard = new Map<string, number>();

  async refresh(): Promise<void> {
    this.refreshes += 1;
    if (this.unreachable !== undefined) throw this.unreachable;
    this.#heard = new Map(this.leaders);
  }

  leader(at: PartitionRecords): number | undefined {
    return this.#heard.get(placeName(at));
  }

  topicError(topic: string): number | undefined {
    return this.topicErrors.get(topic);
  }

  async connect(nodeId: number): Promise<BrokerConnection> {
    const opened = { nodeId, isOpen: true };
    this.connections.push(opened);
    return Object.assign(opened, {
      produce: async (groups: readonly PartitionRecords[]) => {
        this.asked.push(`${nodeId}: ${groups.map(placeName).join(' ')}`);
        if (this.unreachable !== undefined) throw this.unreachable;
        return groups.map(({ topic, partition }) => {
          const name = placeName({ topic, partition });
          const isLed = this.leaders.get(name) === nodeId;
          return { topic, partition, errorCode: isLed ? (this.codes.get(name) ?? 0) : NOT_LEADER };
        });
      },
      close: async () => {
        opened.isOpen = false;
      },
    }) as unknown as BrokerConnection;
  }
}

function group(partition: number, topic = 't'): PartitionRecords {
  return { topic, partition, records: [{ topic, key: 'k', value: null }] };
}

function setUp() {
  const cluster = new FakeCluster();
  for (const partition of [0, 1, 2]) cluster.leaders.set(`t/${partition}`, partition % 2);
  const sender = new PartitionSender({
    ...{ map: cluster, clock: new SystemClock() },
    onError: (what, error) => {
      throw new Error(what, { cause: error });
    },
  });
  return { cluster, sender };
}

describe('a sender to partitions', () => {
  test('asks each leader once, over connections that it keeps', async () => {
    const { cluster, sender } = setUp();
    expect(await sender.send([group(0), group(1), group(2)])).toEqual([]);
    expect(await sender.send([group(1)])).toEqual([]);
    expect(cluster.asked).toEqual(['0: t/0 t/2', '1: t/1', '1: t/1']);
    expect([cluster.refreshes, cluster.connections.length]).toEqual([1, 2]);
    await sender.close();
    expect(cluster.connections.some(({ isOpen }) => isOpen)).toBe(false);
  });

  test('gives back what was refused alone, and finds leaders that have moved', async () => {
    const { cluster, sender } = setUp();
    await sender.send([group(0), group(1), group(2)]);
    cluster.leaders.set('t/2', 1);
    const moved = group(2);
    const unsent = await sender.send([group(0), group(1), moved]);
    expect(unsent.map((one) => one.group)).toEqual([moved]);
    expect(String(unsent[0]?.error)).toContain('t/2: This server is not the leader');
    cluster.asked.length = 0;
    expect(await sender.send([moved])).toEqual([]);
    expect(cluster.asked).toEqual(['1: t/2']);
  });

  test('says in the words of Kafka what is refused, also of a topic that it may not see', async () => {
    const { cluster, sender } = setUp();
    cluster.codes.set('t/0', 10);
    cluster.topicErrors.set('hidden', NOT_AUTHORISED);
    const unsent = await sender.send([group(0), group(0, 'hidden'), group(7)]);
    const byName = unsent.map((one) => [placeName(one.group), one.error] as const);
    expect(Object.fromEntries(byName)).toMatchObject({
      't/0': {
        message: expect.stringContaining('MESSAGE_TOO_LARGE'),
        cause: { type: 'MESSAGE_TOO_LARGE' },
      },
      'hidden/0': { cause: { type: 'TOPIC_AUTHORIZATION_FAILED' } },
      't/7': { cause: { type: 'LEADER_NOT_AVAILABLE' } },
    });
  });

  test('gives all back where nobody answers, and connects anew', async () => {
    const { cluster, sender } = setUp();
    await sender.send([group(0), group(1)]);
    cluster.unreachable = new Error('gone');
    const both = [group(0), group(1)];
    expect((await sender.send(both)).map((one) => one.group)).toEqual(both);
    expect((await sender.send(both)).map((one) => one.error)).toEqual([
      cluster.unreachable,
      cluster.unreachable,
    ]);
    cluster.unreachable = undefined;
    expect(await sender.send(both)).toEqual([]);
    expect(cluster.connections.map(({ isOpen }) => isOpen)).toEqual([false, false, true, true]);
  });

  test('takes a connection that was closed for want of use for no error', async () => {
    const { cluster, sender } = setUp();
    await sender.send([group(0)]);
    cluster.connections[0]!.isOpen = false;
    expect(await sender.send([group(0)])).toEqual([]);
    expect(cluster.connections).toHaveLength(2);
  });
});
