import type { KillSwitch } from '@cerberus/schema';
import { ANY, type LimitTarget } from './limit-book.ts';

/** Kill switches that are engaged. */
export class KillSwitches {
  readonly #engaged = new Map<string, KillSwitch>();

  set(kill: KillSwitch): void {
    const key = `${kill.scope}|${kill.scope_id}`;
    if (kill.engaged) this.#engaged.set(key, kill);
    else this.#engaged.delete(key);
  }

  /** `key` as on the topic: scope and scope id joined by `|`. */
  delete(key: string): void {
    this.#engaged.delete(key);
  }

  engaged(): IterableIterator<KillSwitch> {
    return this.#engaged.values();
  }

  /** The first engaged switch that stops the target. */
  stopping(target: LimitTarget): KillSwitch | undefined {
    if (this.#engaged.size === 0) return undefined;
    for (const kill of this.#engaged.values()) {
      if (stops(kill, target)) return kill;
    }
    return undefined;
  }
}

function stops({ scope, scope_id: id }: KillSwitch, target: LimitTarget): boolean {
  switch (scope) {
    case 'FIRM':
      return true;
    case 'ACCOUNT':
      return id === ANY || id === target.accountId;
    case 'STRATEGY':
      return target.strategyId !== null && (id === ANY || id === target.strategyId);
    case 'UNDERLYING':
      return id === ANY || id === target.underlying;
    case 'SYMBOL':
      return id === ANY || id === target.instrumentId || id === target.symbol;
  }
}
