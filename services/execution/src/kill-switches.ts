import type { TableView } from '@cerberus/bus';
import type { KillSwitch } from '@cerberus/schema';
import type { WorkingOrder } from './working-order.ts';

/** Switches that the emitter itself reads before every send. */
export class KillSwitches {
  readonly #table: TableView<'control.kill'>;

  constructor(table: TableView<'control.kill'>) {
    this.#table = table;
  }

  /** Which switch stops the order, if one does. */
  stopping(order: WorkingOrder): string | undefined {
    for (const kill of this.#table.values()) {
      if (kill.engaged && covers(kill, order))
        return `${kill.scope} ${kill.scope_id}: ${kill.reason}`;
    }
    return undefined;
  }

  /** Called when a switch is engaged that also cancels what is open. */
  onCancelOpen(cancel: (covered: (order: WorkingOrder) => boolean) => void): () => void {
    return this.#table.onChange((_key, kill) => {
      if (kill?.engaged === true && kill.cancel_open) cancel((order) => covers(kill, order));
    });
  }
}

function covers(kill: KillSwitch, order: WorkingOrder): boolean {
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
      // Orders do not carry their underlying: the gate holds these, and failing closed costs a trade.
      return true;
  }
}
