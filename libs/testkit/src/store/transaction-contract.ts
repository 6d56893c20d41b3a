import { STORE_ERRORS, type Store } from '@cerberus/store';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { faultCode } from './fault-code.ts';
import type { StoreFixture } from './store-contract.ts';

export function transactionContract(fixture: StoreFixture): void {
  const counterTable = async (): Promise<string> => {
    const table = fixture.name();
    await fixture.store.query(
      `CREATE TABLE ${table} (id integer PRIMARY KEY, value integer NOT NULL)`,
    );
    await fixture.store.query(`INSERT INTO ${table} VALUES (1, 0), (2, 0)`);
    return table;
  };
  const valuesOf = async (store: Store, table: string): Promise<readonly number[]> => {
    const { rows } = await store.query<{ value: number }>(`SELECT value FROM ${table} ORDER BY id`);
    return rows.map(({ value }) => value);
  };

  describe('transactions', () => {
    test('all or nothing, seen by others only when committed', async () => {
      const table = await counterTable();
      const other = await fixture.another();
      const answer = await fixture.store.transaction(async (transaction) => {
        await transaction.query(`UPDATE ${table} SET value = 1 WHERE id = 1`);
        expect(await valuesOf(other, table)).toEqual([0, 0]);
        await transaction.query(`UPDATE ${table} SET value = 2 WHERE id = 2`);
        return 'done';
      });
      expect(answer).toBe('done');
      expect(await valuesOf(other, table)).toEqual([1, 2]);
    });

    test('work that throws is rolled back and its error comes through', async () => {
      const table = await counterTable();
      const error = new Error('changed my mind');
      const work = fixture.store.transaction(async (transaction) => {
        await transaction.query(`UPDATE ${table} SET value = 9`);
        throw error;
      });
      await expect(work).rejects.toBe(error);
      expect(await valuesOf(fixture.store, table)).toEqual([0, 0]);
    });

    test('a failed statement whose error is swallowed does not look like a commit', async () => {
      const table = await counterTable();
      const work = fixture.store.transaction(async (transaction) => {
        await transaction.query(`UPDATE ${table} SET value = 9`);
        await transaction.query('SELECT 1/0').catch(() => undefined);
      });
      expect(await faultCode(work)).toBe(STORE_ERRORS.STATEMENT_INVALID.code);
      expect(await valuesOf(fixture.store, table)).toEqual([0, 0]);
    });

    test('it cannot be used after its end', async () => {
      const leaked = await fixture.store.transaction(async (transaction) => transaction);
      expect(() => leaked.query('SELECT 1')).toThrow(
        'a transaction is used only while its work runs',
      );
    });

    test('a serialisation conflict is named, and done anew when asked', async () => {
      const table = await counterTable();
      const other = await fixture.another();
      let runs = 0;
      const increment = (retries: number) =>
        fixture.store.transaction(
          async (transaction) => {
            runs += 1;
            const { rows } = await transaction.query<{ value: number }>(
              `SELECT value FROM ${table} WHERE id = 1`,
            );
            if (runs === 1)
              await other.query(`UPDATE ${table} SET value = value + 10 WHERE id = 1`);
            await transaction.query(`UPDATE ${table} SET value = $1 WHERE id = 1`, [
              (rows[0]?.value as number) + 1,
            ]);
          },
          { isolation: 'serializable', retries },
        );
      expect(await faultCode(increment(0))).toBe(STORE_ERRORS.CONFLICT.code);
      expect(await valuesOf(fixture.store, table)).toEqual([10, 0]);
      runs = 0;
      await increment(3);
      expect(runs).toBe(2);
      expect(await valuesOf(fixture.store, table)).toEqual([21, 0]);
    });

    test('a deadlock ends as a conflict of one of the two', async () => {
      const table = await counterTable();
      const other = await fixture.another();
      let waiting = 0;
      const touch = (store: Store, first: number, second: number) =>
        store.transaction(async (transaction) => {
          await transaction.query(`UPDATE ${table} SET value = value + 1 WHERE id = $1`, [first]);
          waiting += 1;
          await eventually('both hold one row', () => waiting === 2);
          await transaction.query(`UPDATE ${table} SET value = value + 1 WHERE id = $1`, [second]);
        });
      const codes = await Promise.all([
        faultCode(touch(fixture.store, 1, 2)),
        faultCode(touch(other, 2, 1)),
      ]);
      expect(codes.filter((code) => code === undefined)).toHaveLength(1);
      expect(codes).toContain(STORE_ERRORS.CONFLICT.code);
      expect(await valuesOf(fixture.store, table)).toEqual([1, 1]);
    });

    test('a connection cut before the commit leaves nothing', async () => {
      const table = await counterTable();
      const other = await fixture.another();
      const work = fixture.store.transaction(async (transaction) => {
        const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await transaction.query(`UPDATE ${table} SET value = 5`);
        await other.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid as number]);
        await transaction.query('SELECT 1');
      });
      expect(await faultCode(work)).toBe(STORE_ERRORS.UNAVAILABLE.code);
      expect(await valuesOf(fixture.store, table)).toEqual([0, 0]);
    });

    test('a connection cut during the commit is an unknown outcome', async () => {
      const table = await counterTable();
      const other = await fixture.another();
      // A deferred trigger holds the commit open until this test has cut the connection.
      await fixture.store.query(`
        CREATE FUNCTION ${table}_hold() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER hold AFTER UPDATE ON ${table}
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${table}_hold()`);
      let pid = 0;
      const work = faultCode(
        fixture.store.transaction(async (transaction) => {
          const { rows } = await transaction.query<{ pid: number }>(
            'SELECT pg_backend_pid() AS pid',
          );
          pid = rows[0]?.pid as number;
          await transaction.query(`UPDATE ${table} SET value = 5`);
        }),
      );
      await eventually('the commit is under way', async () => {
        const sql =
          "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND query = 'COMMIT' AND state = 'active'";
        return (await other.query(sql, [pid])).count === 1;
      });
      await other.query('SELECT pg_terminate_backend($1)', [pid]);
      expect(await work).toBe(STORE_ERRORS.COMMIT_UNKNOWN.code);
    });
  });
}
