import type { Store } from '@cerberus/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import { migrationContract } from './migration-contract.ts';
import { queryContract } from './query-contract.ts';
import { restartContract } from './store-restart-contract.ts';
import { transactionContract } from './transaction-contract.ts';

/** One database for one suite; what another implementation must provide to run it. */
export interface StoreHarness {
  /** A new store, connected; several may be open at once and see the same data. */
  open(): Promise<Store>;
  /** Stops the database without warning and waits until it runs again; never called without `canCrash`. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreContractOptions {
  /** Whether a test may kill the database; false for a server that others use. */
  readonly canCrash: boolean;
}

/** What the parts of the suite share. Tables are named by `name()`, so that a database may be reused. */
export interface StoreFixture {
  readonly store: Store;
  /** Another instance, as of another process; closed after the test. */
  another(): Promise<Store>;
  /** An identifier that no other test of any run uses. */
  name(): string;
  readonly harness: StoreHarness;
}

let nextName = 0;

/** The promises of the relational store; every implementation runs this unchanged. */
export function storeContract(
  name: string,
  factory: () => Promise<StoreHarness>,
  { canCrash }: StoreContractOptions,
): void {
  describe(`store contract: ${name}`, () => {
    let harness: StoreHarness;
    let opened: Store[] = [];

    const open = async (): Promise<Store> => {
      const store = await harness.open();
      opened.push(store);
      return store;
    };

    beforeAll(async () => {
      harness = await factory();
    }, 120_000);
    beforeEach(async () => {
      await open();
    });
    afterEach(async () => {
      const stores = opened;
      opened = [];
      await Promise.all(stores.map((store) => store.close()));
    });
    afterAll(() => harness.close());

    const fixture: StoreFixture = {
      get store() {
        return opened[0] as Store;
      },
      get harness() {
        return harness;
      },
      another: open,
      name() {
        nextName += 1;
        return `contract_${process.pid}_${Math.trunc(performance.timeOrigin).toString(36)}_${nextName}`;
      },
    };

    queryContract(fixture);
    transactionContract(fixture);
    migrationContract(fixture);
    restartContract(fixture, canCrash);
  });
}
