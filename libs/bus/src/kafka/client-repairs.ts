import { createRequire } from 'node:module';

/*
 * Three places of kafkajs 2.2.4 that no option reaches. Each is looked up when the bus starts, and a
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

interface BrokerPrototype {
  endTxn(request: EndTransaction): Promise<unknown>;
  listOffsets(request: { isolationLevel?: number }): Promise<unknown>;
}

export interface RepairTimers {
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => unknown;
}

const READ_UNCOMMITTED = 0;
const PENDING_CHECK_MS = 10;
/** Short at first, then longer: a broker that is slow for want of time must not be asked the more. */
const MARKER_POLL_FIRST_MS = 1;
const MARKER_POLL_GROWTH = 1.7;
const MARKER_POLL_MAX_MS = 25;
const MARKER_POLLS_MAX = 200;

let isRepaired = false;

/** Once per process; connections share the prototypes. */
export function repairClient(timers: RepairTimers): void {
  if (isRepaired) return;
  const require = createRequire(import.meta.url);
  const queue = (require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue })
    .prototype;
  const broker = (require('kafkajs/src/broker') as { prototype: BrokerPrototype }).prototype;
  const there = [queue.scheduleCheckPendingRequests, broker.endTxn, broker.listOffsets];
  if (there.some((method) => typeof method !== 'function')) {
    throw new Error('this version of kafkajs is not the one that the bus was written for');
  }
  restWhenIdle(queue, timers);
  awaitMarkers(broker, timers);
  countOpenTransactions(broker);
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
      try {
        await endTxn.call(this, request);
        break;
      } catch (error) {
        if ((error as { type?: string }).type !== 'CONCURRENT_TRANSACTIONS') break;
        await new Promise<void>((resolve) => after(pauseMs, resolve));
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
