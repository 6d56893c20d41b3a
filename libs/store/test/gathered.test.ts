import { CerberusError, faultOf } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { Gathered, STORE_ERRORS } from '../src/index.ts';

/** Statements that end when told, in the order they were begun. */
function statements() {
  const begun: { items: readonly string[]; end: () => void; fail: (error: unknown) => void }[] = [];
  const gathered = new Gathered<string, string>({
    keyOf: (item) => item.slice(0, 1),
    run: (items) =>
      new Promise((resolve, reject) => {
        const end = () => resolve(items.map((item) => `done ${item}`));
        begun.push({ items, end, fail: reject });
      }),
  });
  return { begun, gathered };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const broken = () => new CerberusError(faultOf(STORE_ERRORS.CONSTRAINT_VIOLATION, {}));
const away = () => new CerberusError(faultOf(STORE_ERRORS.UNAVAILABLE, {}));

describe('statements for many', () => {
  test('begin at once while few are on their way, then take what has come together', async () => {
    const { begun, gathered } = statements();
    const asked = ['a', 'b', 'c', 'd', 'e'].map((item) => gathered.ask(item));
    expect(begun.map(({ items }) => items)).toEqual([['a'], ['b']]);
    begun[0]!.end();
    await turn();
    expect(begun[2]!.items).toEqual(['c', 'd', 'e']);
    begun[1]!.end();
    begun[2]!.end();
    expect(await Promise.all(asked)).toEqual(['a', 'b', 'c', 'd', 'e'].map((i) => `done ${i}`));
    void gathered.ask('f');
    expect(begun[3]!.items).toEqual(['f']);
  });

  test('never hold two of one key', async () => {
    const { begun, gathered } = statements();
    for (const item of ['a', 'b', 'c1', 'd', 'c2', 'c3']) void gathered.ask(item);
    for (let next = 0; next < 5; next += 1) {
      begun[next]!.end();
      await turn();
    }
    const together = begun.slice(2).map(({ items }) => items);
    expect(together).toEqual([['c1', 'd'], ['c2'], ['c3']]);
  });

  test('fail alone for what is wrong with one, and together where the server is away', async () => {
    const { begun, gathered } = statements();
    const asked = ['a', 'b', 'c', 'd'].map((item) => gathered.ask(item));
    const ends = Promise.allSettled(asked);
    begun[0]!.end();
    begun[1]!.fail(away());
    await turn();
    begun[2]!.fail(broken());
    await turn();
    expect(begun[3]!.items).toEqual(['c']);
    begun[3]!.fail(broken());
    await turn();
    expect(begun[4]!.items).toEqual(['d']);
    begun[4]!.end();
    const [a, b, c, d] = await ends;
    expect([a!.status, d!.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(b).toMatchObject({
      status: 'rejected',
      reason: { code: STORE_ERRORS.UNAVAILABLE.code },
    });
    expect(c).toMatchObject({ reason: { code: STORE_ERRORS.CONSTRAINT_VIOLATION.code } });
  });
});
