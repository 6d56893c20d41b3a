import { CerberusError, faultOf } from '@cerberus/core';
import { isPassing, STORE_ERRORS } from './errors.ts';

export interface GatheredOptions<I, O> {
  /** One statement for many; gives an outcome for each, in their order. */
  readonly run: (items: readonly I[]) => Promise<readonly O[]>;
  /** Items of one key never share a statement: the later one sees what the earlier one did. */
  readonly keyOf: (item: I) => string;
}

interface Waiting<I, O> {
  readonly item: I;
  resolve(outcome: O): void;
  reject(error: unknown): void;
}

/** On their way at once: with one, everybody would wait for two. */
const STATEMENTS_AT_ONCE = 2;
const ITEMS_MAX = 200;
const WAITING_MAX = 10_000;

/**
 * What is asked for while statements are on their way goes together in the next: under load one
 * round trip and one flush to the disk for many, at rest no wait.
 */
export class Gathered<I, O> {
  readonly #options: GatheredOptions<I, O>;
  #waiting: Waiting<I, O>[] = [];
  #running = 0;

  constructor(options: GatheredOptions<I, O>) {
    this.#options = options;
  }

  /** Rejects as a statement of its own would: an item that breaks a rule fails alone. */
  ask(item: I): Promise<O> {
    if (this.#waiting.length >= WAITING_MAX) {
      const message = `${WAITING_MAX} wait for a statement already`;
      return Promise.reject(new CerberusError(faultOf(STORE_ERRORS.OVERLOADED, { message })));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#running < STATEMENTS_AT_ONCE) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (let taken = this.#take(); taken.length > 0; taken = this.#take()) {
      await this.#together(taken);
    }
    this.#running -= 1;
  }

  #take(): Waiting<I, O>[] {
    const keys = new Set<string>();
    const taken: Waiting<I, O>[] = [];
    const left: Waiting<I, O>[] = [];
    for (const waiting of this.#waiting) {
      const key = this.#options.keyOf(waiting.item);
      const fits = taken.length < ITEMS_MAX && !keys.has(key);
      keys.add(key);
      (fits ? taken : left).push(waiting);
    }
    this.#waiting = left;
    return taken;
  }

  async #together(taken: readonly Waiting<I, O>[]): Promise<void> {
    try {
      const outcomes = await this.#options.run(taken.map(({ item }) => item));
      for (const [index, { resolve }] of taken.entries()) resolve(outcomes[index]!);
    } catch (error) {
      if (taken.length === 1 || isPassing(error)) for (const { reject } of taken) reject(error);
      else for (const waiting of taken) await this.#together([waiting]);
    }
  }
}
