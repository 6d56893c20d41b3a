import type { Bus, Follower, FollowOptions, TransactionalProducer } from '@cerberus/bus';
import { BUS_ERRORS, busError } from '@cerberus/bus';
import type { CampaignOptions, Candidate, Election } from '@cerberus/coordination';
import type { Store } from '@cerberus/store';

export interface ContenderPorts {
  readonly bus: Bus;
  readonly store: Store;
  readonly election: Election;
}

/**
 * Ports of one candidate that can be cut off all at once, as `kill -9` does: what was on its way
 * arrives, nothing leaves any more, no answer comes back, and the place in the election is gone.
 */
export class CuttableProcess {
  readonly ports: ContenderPorts;
  failsCommits = false;
  failedCommits = 0;
  #isCut = false;
  readonly #released = new AbortController();
  #candidates: Candidate[] = [];

  constructor({ bus, store, election }: ContenderPorts) {
    this.ports = {
      bus: this.#over(bus, {
        openTransactional: async (id: string) => this.#producer(await bus.openTransactional(id)),
        follow: (options: FollowOptions): Promise<Follower> =>
          bus.follow({
            ...options,
            onRecord: (record) => {
              if (!this.#isCut) options.onRecord(record);
            },
          }),
      }),
      store: this.#over(store, {
        query: ((...asked: Parameters<Store['query']>) =>
          this.#answered(() => store.query(...asked))) as Store['query'],
      }),
      election: this.#over(election, {
        campaign: async (options: CampaignOptions) => {
          const candidate = await election.campaign({
            ...options,
            onElected: (term) => (this.#isCut ? undefined : options.onElected(term)),
            onDeposed: (term, reason) => {
              if (!this.#isCut) options.onDeposed(term, reason);
            },
          });
          this.#candidates.push(candidate);
          return candidate;
        },
      }),
    };
  }

  async cut(): Promise<void> {
    this.#isCut = true;
    for (const candidate of this.#candidates) await candidate.resign();
  }

  /** Lets what still waits for an answer end, so that the test can. */
  release(): void {
    this.#released.abort();
  }

  #producer(producer: TransactionalProducer): TransactionalProducer {
    return this.#over(producer, {
      commit: (commit: Parameters<TransactionalProducer['commit']>[0]) =>
        this.#answered(() => {
          if (!this.failsCommits) return producer.commit(commit);
          this.failedCommits += 1;
          return Promise.reject(busError(BUS_ERRORS.COMMIT_FAILED, { path: producer.id }));
        }),
    });
  }

  /** Nothing is asked after the cut, and no answer of before comes back. */
  async #answered<T>(ask: () => Promise<T>): Promise<T> {
    if (!this.#isCut) {
      const answer = await ask();
      if (!this.#isCut) return answer;
    }
    const { signal } = this.#released;
    return new Promise<never>((_resolve, reject) => {
      const end = () => reject(busError(BUS_ERRORS.FENCED));
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }

  #over<T extends object>(target: T, replaced: Partial<T>): T {
    return new Proxy(target, {
      get: (_target, name) => {
        if (name in replaced) return replaced[name as keyof T];
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}
