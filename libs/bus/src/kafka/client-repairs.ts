import { createRequire } from 'node:module';
import type { RetryOptions } from 'kafkajs';
import { type ProduceProtocol, writeQuickly } from './client-produce.ts';

/*
 * Nine places of kafkajs 2.2.4 that no option reaches. Each is looked up when the bus starts, and a
 * version that has moved them is refused rather than run without.
 */

interface RequestQueue {
  throttleCheckTimeoutId: unknown;
  readonly throttledUntil: number;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

interface EndTransaction {
  readonly transactionResult: boolean;
}

type Ask = (this: unknown, request: unknown) => Promise<unknown>;

interface BrokerPrototype {
  findGroupCoordinator(request: Coordinator): Promise<unknown>;
  endTxn(request: EndTransaction): Promise<unknown>;
  initProducerId: Ask;
  addPartitionsToTxn: Ask;
  addOffsetsToTxn: Ask;
  txnOffsetCommit: Ask;
  listOffsets(request: { isolationLevel?: number }): Promise<unknown>;
}

interface JoinGroup {
  protocol(of: { readonly version: number }): (request: JoinRequest) => unknown;
}

interface JoinRequest {
  /** As the assigners of the member gave them. */
  readonly groupProtocols: readonly { readonly instanceId?: string }[];
}

interface Coordinator {
  readonly groupId: string;
  readonly coordinatorType: number;
}

interface ClusterPrototype {
  retry?: RetryOptions;
  findGroupCoordinatorMetadata(request: Coordinator): Promise<unknown>;
  findBroker: Ask;
}

export interface RepairTimers {
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => unknown;
}

const READ_UNCOMMITTED = 0;
const TRANSACTION_COORDINATOR = 1;
const ASKS_OF_COORDINATORS = [
  'initProducerId',
  'addPartitionsToTxn',
  'addOffsetsToTxn',
  'txnOffsetCommit',
  'endTxn',
] as const;
const PENDING_CHECK_MS = 10;
/**
 * As long as markers take at best, then longer: a broker that is slow for want of time must not be asked
 * the more.
 */
const MARKER_POLL_FIRST_MS = 2;
const MARKER_POLL_GROWTH = 1.7;
const MARKER_POLL_MAX_MS = 25;
const MARKER_POLLS_MAX = 200;
const CONCURRENT = 'CONCURRENT_TRANSACTIONS';
const REFUSED = '_AUTHORIZATION_FAILED';
const NAMES_LOOKED_FOR = new Map([
  ['GROUP_LOAD_IN_PROGRESS', 'COORDINATOR_LOAD_IN_PROGRESS'],
  ['GROUP_COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_NOT_AVAILABLE'],
  ['NOT_COORDINATOR_FOR_GROUP', 'NOT_COORDINATOR'],
]);

let isRepaired = false;

/** Once per process; connections share the prototypes. `retry`: of transactional clients. */
export function repairClient(timers: RepairTimers, retry: RetryOptions): void {
  if (isRepaired) return;
  const require = createRequire(import.meta.url);
  const queue = (require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue })
    .prototype;
  const broker = (require('kafkajs/src/broker') as { prototype: BrokerPrototype }).prototype;
  const cluster = (require('kafkajs/src/cluster') as { prototype: ClusterPrototype }).prototype;
  const { JoinGroup: joinGroup, Produce: produce } = (
    require('kafkajs/src/protocol/requests') as {
      requests: { JoinGroup: JoinGroup; Produce: ProduceProtocol };
    }
  ).requests;
  const there = [
    ...[joinGroup.protocol, produce.protocol],
    ...[queue.scheduleCheckPendingRequests, broker.listOffsets],
    ...[cluster.findGroupCoordinatorMetadata, cluster.findBroker, broker.findGroupCoordinator],
    ...ASKS_OF_COORDINATORS.map((name) => broker[name]),
  ];
  if (there.some((method) => typeof method !== 'function')) {
    throw new Error('this version of kafkajs is not the one that the bus was written for');
  }
  restWhenIdle(queue, timers);
  tellRefusals(cluster, broker);
  rememberCoordinators(cluster, broker);
  nameErrorsOfCoordinators(broker);
  awaitMarkers(broker, timers);
  countOpenTransactions(broker);
  nameMembers(joinGroup);
  writeQuickly(produce);
  // Fences and offsets of transactions ask for this and never get it: a fence that found its predecessor's
  // transaction open came back after 0.3 s, the client's own default, where the broker needs milliseconds.
  cluster.retry = retry;
  isRepaired = true;
}

/** Each connection otherwise arms a timer of no delay for ever, 3 % of a core (kafkajs#1751). */
function restWhenIdle(prototype: RequestQueue, { nowMs, after }: RepairTimers): void {
  prototype.scheduleCheckPendingRequests = function () {
    if (this.throttleCheckTimeoutId) return;
    let delayMs = this.throttledUntil - nowMs();
    if (delayMs <= 0) {
      if (this.pending.length === 0) return;
      delayMs = PENDING_CHECK_MS;
    }
    this.throttleCheckTimeoutId = after(delayMs, () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    });
  };
}

/**
 * Whoever may not use a group or a transactional id is told so when asking for its coordinator, and the
 * client makes "not found" of it, for which it would look again and again.
 */
function tellRefusals(cluster: ClusterPrototype, broker: BrokerPrototype): void {
  const refusals = new Map<string, unknown>();
  const nameOf = ({ coordinatorType, groupId }: Coordinator) => `${coordinatorType} ${groupId}`;
  const ask = broker.findGroupCoordinator;
  broker.findGroupCoordinator = async function (request) {
    try {
      return await ask.call(this, request);
    } catch (error) {
      const isRefused = (error as { type?: string }).type?.endsWith(REFUSED) === true;
      if (isRefused) refusals.set(nameOf(request), error);
      throw error;
    }
  };
  const find = cluster.findGroupCoordinatorMetadata;
  cluster.findGroupCoordinatorMetadata = async function (request) {
    try {
      return await find.call(this, request);
    } catch (error) {
      throw refusals.get(nameOf(request)) ?? error;
    } finally {
      refusals.delete(nameOf(request));
    }
  };
}

/**
 * Before each of its four or five requests a transaction otherwise asks anew who its coordinators are,
 * a third of all that a broker was asked. Here a transactional client asks once, and again after any
 * error, in whichever client: a coordinator that has moved refuses, and one that died cannot be reached.
 */
function rememberCoordinators(cluster: ClusterPrototype, broker: BrokerPrototype): void {
  let generation = 0;
  const forgetOnError = <P>(prototype: P, name: keyof P): void => {
    const ask = prototype[name] as Ask;
    prototype[name] = async function (this: unknown, request: unknown) {
      try {
        return await ask.call(this, request);
      } catch (error) {
        if ((error as { type?: string }).type !== CONCURRENT) generation += 1;
        throw error;
      }
    } as P[keyof P];
  };
  for (const name of ASKS_OF_COORDINATORS) forgetOnError(broker, name);
  forgetOnError(cluster, 'findBroker');

  const find = cluster.findGroupCoordinatorMetadata;
  const known = new WeakMap<object, { generation: number; answers: Map<string, unknown> }>();
  cluster.findGroupCoordinatorMetadata = async function (request) {
    const isTransactional = request.coordinatorType === TRANSACTION_COORDINATOR || known.has(this);
    if (!isTransactional) return find.call(this, request);
    let memory = known.get(this);
    if (memory?.generation !== generation) {
      memory = { generation, answers: new Map() };
      known.set(this, memory);
    }
    const name = `${request.coordinatorType} ${request.groupId}`;
    const answer = memory.answers.get(name) ?? (await find.call(this, request));
    memory.answers.set(name, answer);
    return answer;
  };
}

/**
 * Offsets within a transaction are sent again where their coordinator is loading or has moved, but the
 * client looks for these errors by names that its own table does not give them, and gives up.
 */
function nameErrorsOfCoordinators(prototype: BrokerPrototype): void {
  const commit = prototype.txnOffsetCommit;
  prototype.txnOffsetCommit = async function (request) {
    try {
      return await commit.call(this, request);
    } catch (error) {
      const refusal = error as { type?: string };
      const name = NAMES_LOOKED_FOR.get(refusal.type ?? '');
      if (name !== undefined) refusal.type = name;
      throw error;
    }
  };
}

/**
 * A broker answers the end of a transaction when it is decided, and shows its records and offsets
 * only when the markers are written. Asked again it says CONCURRENT_TRANSACTIONS until then, which is
 * also what the next transaction would have to wait for. What fails here fails after the decision:
 * the transaction stays committed.
 */
function awaitMarkers(prototype: BrokerPrototype, { after }: RepairTimers): void {
  const endTxn = prototype.endTxn;
  prototype.endTxn = async function (request) {
    const decided = await endTxn.call(this, request);
    let pauseMs = MARKER_POLL_FIRST_MS;
    for (let poll = 0; poll < MARKER_POLLS_MAX; poll += 1) {
      await new Promise<void>((resolve) => after(pauseMs, resolve));
      try {
        await endTxn.call(this, request);
        break;
      } catch (error) {
        if ((error as { type?: string }).type !== CONCURRENT) break;
        pauseMs = Math.min(pauseMs * MARKER_POLL_GROWTH, MARKER_POLL_MAX_MS);
      }
    }
    return decided;
  };
}

/**
 * The end of a partition is asked for without an isolation level by the admin client alone. Kafka's
 * default would leave out what lies behind a transaction that is still open, although it is committed.
 */
function countOpenTransactions(prototype: BrokerPrototype): void {
  const listOffsets = prototype.listOffsets;
  prototype.listOffsets = function (request) {
    return listOffsets.call(this, {
      ...request,
      isolationLevel: request.isolationLevel ?? READ_UNCOMMITTED,
    });
  };
}

/**
 * Static membership (KIP-345), which the client encodes and never asks for: a process that joins under
 * the name of one that died takes its place at once, instead of waiting until that one's session ends.
 * Only the request to join names it; everything later goes by the id that the answer gives.
 */
function nameMembers(joinGroup: JoinGroup): void {
  const { protocol } = joinGroup;
  joinGroup.protocol = (of) => {
    const make = protocol(of);
    return (request) => {
      const groupInstanceId = request.groupProtocols[0]?.instanceId ?? null;
      return make({ ...request, ...{ groupInstanceId } });
    };
  };
}
