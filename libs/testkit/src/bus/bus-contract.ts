import type { Bus, TopicSpec } from '@cerberus/bus';
import { afterEach, beforeEach, describe } from '@jest/globals';
import type { BusHarness, BusHarnessFactory } from './bus-harness.ts';
import { commitContract } from './commit-contract.ts';
import { followContract } from './follow-contract.ts';
import { groupContract } from './group-contract.ts';
import { recordContract } from './record-contract.ts';
import { restartContract } from './restart-contract.ts';
import { streamContract } from './stream-contract.ts';

/** What the parts of the suite share: a bus on topics of their own, closed after each test. */
export interface BusFixture {
  bus(topics: readonly TopicSpec[]): Promise<Bus>;
  /** Stops the bus of this test and opens the same data again. */
  restart(): Promise<Bus>;
}

/** The promises of the bus port; every implementation runs this unchanged. */
export function busContract(name: string, factory: BusHarnessFactory): void {
  describe(`bus contract: ${name}`, () => {
    let harness: BusHarness | undefined;
    let opened: Bus | undefined;

    beforeEach(() => {
      harness = undefined;
      opened = undefined;
    });

    afterEach(async () => {
      await opened?.stop();
      await harness?.close();
    });

    const fixture: BusFixture = {
      async bus(topics) {
        harness = await factory(topics);
        opened = await harness.open();
        return opened;
      },
      async restart() {
        await opened?.stop();
        opened = await harness!.open();
        return opened;
      },
    };

    recordContract(fixture);
    commitContract(fixture);
    followContract(fixture);
    groupContract(fixture);
    streamContract(fixture);
    restartContract(fixture);
  });
}
