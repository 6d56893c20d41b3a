import type { Bus, Follower, IncomingRecord, Offsets } from '@cerberus/bus';
import { CerberusError, type EpochUs, type Fault, invariant } from '@cerberus/core';
import { notReady, READY, type Readiness } from '@cerberus/runtime';
import { Codecs, SCHEMA_ERRORS } from '@cerberus/schema';
import { tooLong } from './errors.ts';
import { STATE_TOPIC } from './order-journal.ts';
import type { ExecutionContext } from './ports.ts';
import { readSavedOrder } from './saved-order.ts';
import type { WorkingOrder } from './working-order.ts';

/** How often what came is read: a leader's own writes come back here too, mostly to be replaced. */
const READ_EVERY_MS = 1000;

/** Being warm, it takes moments; a follower that has lost its way must not keep the place. */
const COMPLETE_LIMIT_MS = 20_000;

export interface MirroredOrder {
  readonly order: WorkingOrder;
  /** When it was last written. */
  readonly savedAtUs: EpochUs;
}

interface Unread {
  readonly value: Buffer;
  readonly savedAtUs: EpochUs;
}

/**
 * The saved orders of whoever leads, kept by every candidate all the time. It follows the log and
 * nothing else, so a leader that was deposed has no memory of its own to unlearn.
 */
export class OrderMirror {
  readonly #bus: Bus;
  readonly #codecs: Codecs;
  readonly #context: ExecutionContext;
  readonly #orders = new Map<string, MirroredOrder>();
  readonly #unread = new Map<string, Unread>();
  readonly #unreadable = new Map<string, Fault>();
  #follower: Follower | undefined;
  #timer: { cancel(): void } | undefined;
  #isCaughtUp = false;

  constructor(context: ExecutionContext) {
    this.#context = context;
    this.#bus = context.bus;
    this.#codecs = context.codecs;
  }

  get size(): number {
    return this.#orders.size + this.#unread.size;
  }

  /** Resolves when everything that was there at the start is known. */
  async start(): Promise<void> {
    const { clock, supervisor } = this.#context;
    this.#follower = await this.#bus.follow({
      topics: [STATE_TOPIC],
      from: 'beginning',
      onRecord: (record) => this.#take(record),
    });
    await this.#follower.caughtUp;
    await this.#read();
    this.#isCaughtUp = true;
    this.#timer = clock.every(READ_EVERY_MS, () => supervisor.watch('saved orders', this.#read()));
  }

  ready(): Readiness {
    if (!this.#isCaughtUp) return notReady(`reading ${STATE_TOPIC}`);
    const [first] = this.#unreadable;
    if (first === undefined) return READY;
    return notReady(`${this.#unreadable.size} saved orders cannot be read, ${first[0]} among them`);
  }

  /** Every order as of the end of the log now. The former leader is shut out, so that end is final. */
  async complete(): Promise<readonly MirroredOrder[]> {
    const ends = await this.#bus.endOffsets([STATE_TOPIC]);
    await this.#reach(ends);
    await this.#read();
    // An order that cannot be read may be open at the venue: without it nobody may lead.
    for (const fault of this.#unreadable.values()) throw new CerberusError(fault);
    return [...this.#orders.values()];
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#follower?.stop();
  }

  async #reach(ends: Offsets): Promise<void> {
    const { clock } = this.#context;
    await new Promise<void>((resolve, reject) => {
      const limit = clock.after(COMPLETE_LIMIT_MS, () => reject(tooLong(`reading ${STATE_TOPIC}`)));
      const end = () => limit.cancel();
      invariant(this.#follower !== undefined, 'the mirror was started');
      this.#follower.reach(ends).then(resolve, reject).finally(end);
    });
  }

  #take({ key, value, timestampUs }: IncomingRecord): void {
    if (value === null) {
      this.#orders.delete(key);
      this.#unread.delete(key);
      this.#unreadable.delete(key);
      return;
    }
    this.#unread.set(key, { value: Buffer.from(value), savedAtUs: timestampUs });
  }

  async #read(): Promise<void> {
    for (const [key, unread] of [...this.#unread]) {
      const entry = await this.#decoded(unread.value);
      // Replaced or deleted while its schema was fetched.
      if (this.#unread.get(key) !== unread) continue;
      this.#unread.delete(key);
      const order = entry.ok ? readSavedOrder(entry.value) : entry;
      if (order.ok) {
        this.#orders.set(key, { order: order.value, savedAtUs: unread.savedAtUs });
        this.#unreadable.delete(key);
      } else {
        this.#unreadable.set(key, order.error);
      }
    }
  }

  /** Without waiting where the schema is known. */
  #decoded(value: Buffer) {
    const decoded = this.#codecs.decode(STATE_TOPIC, value);
    if (decoded.ok || decoded.error.code !== SCHEMA_ERRORS.ID_UNKNOWN.code) return decoded;
    return this.#learned(value).catch(() => decoded);
  }

  async #learned(value: Buffer) {
    await this.#codecs.learn(STATE_TOPIC, Codecs.schemaId(value) ?? 0);
    return this.#codecs.decode(STATE_TOPIC, value);
  }
}
