import { type EpochUs, formatEpochUs } from '@cerberus/core';
import type { LeaderState } from '@cerberus/schema';
import type { IntentLedger } from './intent-ledger.ts';
import type { OrderJournal } from './order-journal.ts';
import type { ExecutionContext } from './ports.ts';
import type { Term } from './term.ts';

/** How often a leader says that it still leads; three times the silence means that nobody does. */
export const NOTICE_EVERY_MS = 2000;

export interface LeaderNoticeOptions {
  readonly context: ExecutionContext;
  readonly instanceId: string;
  readonly term: Term;
  readonly journal: OrderJournal;
  readonly intents: IntentLedger;
  readonly watched: (component: string, work: Promise<void>) => void;
  /** The intent ledger holds a newer term. */
  readonly superseded: () => void;
}

/** Tells everybody who leads, since when and who stands by, and the intent ledger that it is alive. */
export class LeaderNotice {
  readonly #options: LeaderNoticeOptions;
  #timer: { cancel(): void } | undefined;
  #since: EpochUs | undefined;
  #isTelling = false;
  #isLedgerSilent = false;
  #standbys: readonly string[] = [];

  constructor(options: LeaderNoticeOptions) {
    this.#options = options;
  }

  /** From when the term is claimed: taking over is a sign of life too. */
  start(): void {
    const { context, watched } = this.#options;
    watched('leader notice', this.#lookAround());
    this.#timer = context.clock.every(NOTICE_EVERY_MS, () =>
      watched('leader notice', this.#tell()),
    );
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async leading(): Promise<void> {
    this.#since = this.#options.context.clock.nowUs();
    await this.#announce('LEADING', this.#since);
  }

  async relinquished(): Promise<void> {
    this.#since = undefined;
    await this.#announce('RELINQUISHED', this.#options.context.clock.nowUs());
  }

  async #tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      await Promise.all([this.#keepAlive(), this.#lookAround()]);
      if (this.#since !== undefined) await this.#write('LEADING', this.#since);
    } finally {
      this.#isTelling = false;
    }
  }

  async #keepAlive(): Promise<void> {
    const { context, intents, term, superseded } = this.#options;
    try {
      if (!(await intents.keepAlive(term.token))) superseded();
      this.#isLedgerSilent = false;
    } catch (error) {
      // Orders wait for it by themselves; said once.
      if (!this.#isLedgerSilent) context.log.warn({ err: error }, 'the intent ledger is away');
      this.#isLedgerSilent = true;
    }
  }

  async #announce(state: LeaderState, since: EpochUs): Promise<void> {
    const { context, term } = this.#options;
    context.log.info({ state, term: term.token, since: formatEpochUs(since) }, 'emitter');
    await this.#write(state, since);
  }

  async #write(state: LeaderState, since: EpochUs): Promise<void> {
    const { instanceId, term, journal } = this.#options;
    await journal.announce({
      ...{ service: 'execution', instance_id: instanceId, token: term.token, state, since },
      standbys: [...this.#standbys],
    });
  }

  /** The coordinator may be away while a term lasts: then nobody is known to stand by. */
  async #lookAround(): Promise<void> {
    const { context, instanceId } = this.#options;
    try {
      const standing = await context.election.candidates('execution');
      this.#standbys = standing.filter((candidate) => candidate !== instanceId);
    } catch {
      this.#standbys = [];
    }
  }
}
