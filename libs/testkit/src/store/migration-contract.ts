import { type Migration, STORE_ERRORS } from '@cerberus/store';
import { describe, expect, test } from '@jest/globals';
import { faultCode } from './fault-code.ts';
import type { StoreFixture } from './store-contract.ts';

export function migrationContract(fixture: StoreFixture): void {
  const stepsOn = (table: string): readonly [Migration, Migration] => [
    {
      version: 1,
      name: 'begin',
      sql: `CREATE TABLE ${table} (id integer); INSERT INTO ${table} VALUES (1);`,
    },
    { version: 2, name: 'widen', sql: `ALTER TABLE ${table} ADD COLUMN name text DEFAULT 'x'` },
  ];

  describe('migrations', () => {
    test('run once, in order, each owner by itself', async () => {
      const [left, right] = [fixture.name(), fixture.name()];
      const { store } = fixture;
      const steps = stepsOn(left);
      expect(await store.migrate(left, steps.slice(0, 1))).toEqual({ applied: [1], version: 1 });
      expect(await store.migrate(left, steps)).toEqual({ applied: [2], version: 2 });
      expect(await store.migrate(left, steps)).toEqual({ applied: [], version: 2 });
      expect(await store.migrate(right, stepsOn(right))).toEqual({ applied: [1, 2], version: 2 });
      expect((await store.query(`SELECT * FROM ${left}`)).rows).toEqual([{ id: 1, name: 'x' }]);
    });

    test('instances that start together do them once', async () => {
      const owner = fixture.name();
      const stores = await Promise.all(Array.from({ length: 4 }, () => fixture.another()));
      const outcomes = await Promise.all(
        stores.map((store) => store.migrate(owner, stepsOn(owner))),
      );
      expect(outcomes.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 0, 2]);
      expect((await fixture.store.query(`SELECT * FROM ${owner}`)).count).toBe(1);
    });

    test('one that fails leaves nothing of itself and names itself', async () => {
      const owner = fixture.name();
      const [first] = stepsOn(owner);
      const bad = { version: 2, name: 'bad', sql: `DELETE FROM ${owner}; SELECT 1/0;` };
      const work = fixture.store.migrate(owner, [first, bad]);
      await expect(work).rejects.toThrow(/migration 2 \(bad\).*rolled back: .*division by zero/);
      expect(await faultCode(work)).toBe(STORE_ERRORS.MIGRATION_FAILED.code);
      expect((await fixture.store.query(`SELECT * FROM ${owner}`)).count).toBe(1);
      // Mended, it goes on from there.
      const good = { ...bad, sql: `DELETE FROM ${owner}` };
      expect(await fixture.store.migrate(owner, [first, good])).toEqual({
        applied: [2],
        version: 2,
      });
    });

    test('one that was changed after it had been applied is refused', async () => {
      const owner = fixture.name();
      const [first, second] = stepsOn(owner);
      await fixture.store.migrate(owner, [first]);
      const changed = { ...first, sql: `${first.sql} -- changed` };
      expect(await faultCode(fixture.store.migrate(owner, [changed, second]))).toBe(
        STORE_ERRORS.MIGRATION_CHANGED.code,
      );
    });

    test('a schema from a newer version is refused', async () => {
      const owner = fixture.name();
      const steps = stepsOn(owner);
      await fixture.store.migrate(owner, steps);
      expect(await faultCode(fixture.store.migrate(owner, steps.slice(0, 1)))).toBe(
        STORE_ERRORS.SCHEMA_NEWER.code,
      );
    });

    test('numbers have no gap', async () => {
      const [, second] = stepsOn(fixture.name());
      await expect(fixture.store.migrate(fixture.name(), [second])).rejects.toThrow(
        'numbered 1, 2, 3',
      );
    });
  });
}
