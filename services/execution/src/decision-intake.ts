import type { DeadLetterSink, Offsets, Position } from '@cerberus/bus';
import type { Clock } from '@cerberus/core';
import type { Logger } from '@cerberus/runtime';
import type { Instrument, OrderDecision } from '@cerberus/schema';
import type { DecisionFeed, FedDecision } from './decision-feed.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Submission } from './submission.ts';
import { workingOrder } from './working-order.ts';

export interface DecisionIntakeOptions {
  readonly feed: DecisionFeed;
  readonly desk: OrderDesk;
  readonly submission: Submission;
  readonly instrument: (instrumentId: string) => Instrument | undefined;
  readonly deadLetters: DeadLetterSink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly watched: (component: string, work: Promise<void>) => void;
}

/** A log that forgets positions nobody writes for a week must not make us read from the beginning. */
const REFRESH_EVERY_MS = 3_600_000;

/** Acts on the decisions in their order, each together with how far they have been read. */
export class DecisionIntake {
  readonly #options: DecisionIntakeOptions;
  readonly #positions = new Map<number, Position>();
  /** Decisions below are older than this term: an earlier one may have acted on them. */
  readonly #own = new Map<number, bigint>();
  #close: (() => void) | undefined;
  #refresh: { cancel(): void } | undefined;

  constructor(options: DecisionIntakeOptions) {
    this.#options = options;
  }

  /** `ends`: where the decisions ended when every earlier term was shut out already. */
  async open(from: Offsets, ends: Offsets): Promise<void> {
    const { feed, clock } = this.#options;
    for (const { partition, nextOffset } of ends) this.#own.set(partition, nextOffset);
    for (const position of from) this.#positions.set(position.partition, position);
    this.#close = await feed.open(from, (fed) => this.#take(fed));
    this.#refresh = clock.every(REFRESH_EVERY_MS, () => this.#writeAnew());
  }

  close(): void {
    this.#refresh?.cancel();
    this.#close?.();
  }

  #take(fed: FedDecision): void {
    const { topic, partition, offset, headers } = fed.record;
    const progress = { topic, partition, nextOffset: offset + 1n };
    this.#positions.set(partition, progress);
    if (fed.kind === 'unreadable') {
      this.#options.deadLetters.write(fed.record, fed.why);
      this.#options.watched('decision intake', this.#options.desk.skip(progress));
      return;
    }
    const taken = {
      traceparent: headers['traceparent'] ?? null,
      isReadAgain: offset < (this.#own.get(partition) ?? 0n),
    };
    this.#options.watched('decision intake', this.#decided(fed.decision, progress, taken));
  }

  #decided(
    decision: OrderDecision,
    progress: Position,
    {
      traceparent,
      isReadAgain,
    }: { readonly traceparent: string | null; readonly isReadAgain: boolean },
  ): Promise<void> {
    const { desk, submission, instrument, log } = this.#options;
    if (decision.outcome !== 'APPROVED') return desk.skip(progress);
    switch (decision.kind) {
      case 'CANCEL':
        return submission.cancel(decision.order_id, progress);
      case 'NEW': {
        if (desk.get(decision.order_id) !== undefined) return desk.skip(progress);
        const venue = instrument(decision.instrument_id)?.venue ?? 'NONE';
        const order = workingOrder(decision, { venue, traceparent });
        return submission.begin(order, progress, isReadAgain);
      }
      case 'REPLACE':
        log.error(
          { order_id: decision.order_id },
          'an approved replace was not acted on: no venue connection replaces orders',
        );
        return desk.skip(progress);
    }
  }

  #writeAnew(): void {
    for (const position of this.#positions.values()) {
      this.#options.watched('decision progress', this.#options.desk.skip(position));
    }
  }
}
