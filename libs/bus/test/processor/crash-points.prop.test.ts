import {
  type Bus,
  type Commit,
  PartitionedProcessor,
  type TransactionalProducer,
} from '@cerberus/bus';
import { eventually } from '@cerberus/testkit';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { adjustment, COUNTER, ProcessorFixture, readTopic } from './processor-fixture.ts';

/**
 * `before`: the commit never reaches the log. `after`: it does, but its answer is lost. `fenced`:
 * another producer takes the id first. `crash`: the whole process dies at the commit, and a new one
 * starts from the file. All leave the caller in the dark about what happened.
 */
type Fault = 'none' | 'before' | 'after' | 'fenced' | 'crash';

/** A bus whose processor commits go wrong as planned; everything else is the real one. */
function faulty(bus: Bus, plan: Fault[], onCrash: () => void): Bus {
  return new Proxy(bus, {
    get(target, name) {
      if (name !== 'openTransactional') {
        const member = Reflect.get(target, name) as unknown;
        return typeof member === 'function' ? member.bind(target) : member;
      }
      return async (id: string): Promise<TransactionalProducer> => {
        const producer = await target.openTransactional(id);
        return {
          id,
          get alive() {
            return producer.alive;
          },
          close: () => producer.close(),
          commit: (commit: Commit) => commitWith(plan.shift() ?? 'none', producer, commit),
        };
      };
    },
  });

  async function commitWith(fault: Fault, producer: TransactionalProducer, commit: Commit) {
    switch (fault) {
      case 'none':
        return producer.commit(commit);
      case 'fenced':
        await bus.openTransactional(producer.id);
        return producer.commit(commit);
      case 'after':
        await producer.commit(commit);
        break;
      case 'crash':
        onCrash();
        break;
      case 'before':
        break;
    }
    await producer.close();
    throw new Error(`planned fault: ${fault}`);
  }
}

async function run(plan: Fault[], accounts: readonly number[]): Promise<void> {
  const fixture = await new ProcessorFixture().open();
  let crashed = false;
  const newProcessor = () =>
    new PartitionedProcessor<'position.adjustment', number>({
      service: 'counter',
      bus: faulty(fixture.bus, plan, () => {
        crashed = true;
      }),
      codecs: fixture.codecs,
      host: fixture.host,
      inputs: ['position.adjustment'],
      state: { topic: 'tca.state', serializer: COUNTER },
      batchRecords: 3,
      handle: ({ message }, context) => {
        const next = (context.state.get(message.account_id) ?? 0) + 1;
        context.state.put(message.account_id, next);
        const { adjustment_id: id, account_id: actor } = message;
        const fixed = { action: '', subject: '', detail: {}, previous_hash: '', hash: '' };
        context.emit('audit', {
          ...fixed,
          audit_id: id,
          time: context.nowUs,
          actor,
          outcome: `${next}`,
        });
      },
    });
  try {
    await fixture.append(accounts.map((account, n) => adjustment(`${n}`, `account-${account}`)));
    let processor = newProcessor();
    await processor.start();
    const effects = async () => (await readTopic(fixture.bus, 'audit')).length;
    await eventually('all effects', async () => {
      if (crashed) {
        crashed = false;
        await processor.stop();
        await fixture.reopen();
        processor = newProcessor();
        await processor.start();
      }
      return (await effects()) >= accounts.length;
    });
    await processor.stop();
    await expectExactlyOnce(fixture, accounts);
  } finally {
    await fixture.close();
  }
}

async function expectExactlyOnce(fixture: ProcessorFixture, accounts: readonly number[]) {
  const counts = new Map<number, number>();
  const expected = accounts.map((account, n) => {
    const count = (counts.get(account) ?? 0) + 1;
    counts.set(account, count);
    return `${n}:account-${account}=${count}`;
  });
  const effects = (await readTopic(fixture.bus, 'audit')).map(({ value }) => {
    const decoded = fixture.codecs.decode('audit', value!);
    if (!decoded.ok) return 'undecodable';
    return `${decoded.value.audit_id}:${decoded.value.actor}=${decoded.value.outcome}`;
  });
  expect([...effects].sort()).toEqual([...expected].sort());
  expect(await readTopic(fixture.bus, 'position.adjustment.dlq')).toEqual([]);
}

const faults = fc.constantFrom<Fault>('none', 'before', 'after', 'fenced', 'crash');

test('no fault around a commit doubles or loses an effect', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(faults, { maxLength: 12 }),
      fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 30 }),
      run,
    ),
    { numRuns: 40 },
  );
}, 120_000);
