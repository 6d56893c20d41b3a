import { STORE_ERRORS } from '@cerberus/store';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { faultCode } from './fault-code.ts';
import type { StoreFixture } from './store-contract.ts';

export function restartContract(fixture: StoreFixture, canCrash: boolean): void {
  describe('life', () => {
    test('is ready once open and not after closing', async () => {
      const store = await fixture.another();
      expect(store.ready()).toEqual({ ready: true });
      const running = store.query('SELECT pg_sleep(0.05)');
      await store.close();
      // What was running has been answered.
      expect(await faultCode(running)).toBeUndefined();
      expect(store.ready().ready).toBe(false);
      expect(await faultCode(store.query('SELECT 1'))).toBe(STORE_ERRORS.UNAVAILABLE.code);
      await store.close();
    });

    (canCrash ? test : test.skip)(
      'what was committed is there after a crash of the database, and the store works on',
      async () => {
        const table = fixture.name();
        await fixture.store.query(`CREATE TABLE ${table} (id integer)`);
        for (let id = 1; id <= 50; id += 1) {
          await fixture.store.query(`INSERT INTO ${table} VALUES ($1)`, [id]);
        }
        await fixture.harness.crash();
        await eventually('the store is reachable again', async () => {
          return (await faultCode(fixture.store.query('SELECT 1'))) === undefined;
        });
        expect((await fixture.store.query(`SELECT * FROM ${table}`)).count).toBe(50);
        expect(fixture.store.ready().ready).toBe(true);
      },
    );
  });
}
