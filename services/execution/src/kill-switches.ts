import type { TableView } from '@cerberus/bus';
import type { KillSwitch } from '@cerberus/schema';
import type { WorkingOrder } from './working-order.ts';

/** Switches that the emitter itself reads before every send. */
export class KillSwitches {
  readonly #table: TableView<'control.kill'>;
  readonly #underlyingOf: (instrumentId: string) => string | undefined;

  constructor(
    table: TableView<'control.kill'>,
    underlyingOf: (instrumentId: string) => string | undefined,
  ) {
    this.#table = table;
    this.#underlyingOf = underlyingOf;
  }

  /** Which switch stops the order, if one does. */
  stopping(order: WorkingOrder): string | undefined {
    for (const kill of this.#table.values()) {
      if (kill.engaged && this.#covers(kill, order))
        return `${kill.scope} ${kill.scope_id}: ${kill.reason}`;
    }
    return undefined;
  }

  /**
   * Called for every switch that also cancels what is open: at once for those engaged already, which
   * may have been while nobody led, then when one is engaged.
   */
  onCancelOpen(cancel: (covered: (order: WorkingOrder) => boolean) => void): () => void {
    const act = (kill: KillSwitch | undefined): void => {
      if (kill?.engaged !== true || !kill.cancel_open) return;
      cancel((order) => this.#covers(kill, order));
    };
    for (const kill of this.#table.values()) act(kill);
    return this.#table.onChange((_key, kill) => act(kill));
  }

  #covers(kill: KillSwitch, order: WorkingOrder): boolean {
    switch (kill.scope) {
      case 'FIRM':
        return true;
      case 'ACCOUNT':
        return kill.scope_id === order.accountId;
      case 'STRATEGY':
        return order.strategyId !== null && kill.scope_id === order.strategyId;
      case 'SYMBOL':
        return kill.scope_id === order.instrumentId;
      case 'UNDERLYING':
        // Of an unknown instrument it is not known: stopped, because failing closed costs a trade.
        return kill.scope_id === (this.#underlyingOf(order.instrumentId) ?? kill.scope_id);
    }
  }
}
