import { isUniqueViolation, STORE_ERRORS } from '@cerberus/store';
import { describe, expect, test } from '@jest/globals';
import { faultCode } from './fault-code.ts';
import type { StoreFixture } from './store-contract.ts';

export function queryContract(fixture: StoreFixture): void {
  describe('queries', () => {
    test('no digit is lost: BIGINT, NUMERIC, microseconds, bytes, JSON', async () => {
      const table = fixture.name();
      const { store } = fixture;
      await store.query(
        `CREATE TABLE ${table} (a bigint, b numeric, c timestamptz, d bytea, e jsonb, f double precision, g text[], h boolean, i integer)`,
      );
      await store.query(
        `INSERT INTO ${table} VALUES ($1, $2, '2024-08-08T23:54:15.208123Z', $3, $4, $5, $6, $7, $8)`,
        [
          9_007_199_254_740_993n,
          '12345678901234567890.123456789012345678',
          Buffer.from([0, 255]),
          JSON.stringify({ price: '1.10' }),
          0.1,
          ['x', 'y,"z"', null],
          false,
          -7,
        ],
      );
      const { rows, count } = await store.query(`SELECT * FROM ${table}`);
      expect(count).toBe(1);
      expect(rows).toEqual([
        {
          a: 9_007_199_254_740_993n,
          b: '12345678901234567890.123456789012345678',
          c: '2024-08-08 23:54:15.208123+00',
          d: Buffer.from([0, 255]),
          e: { price: '1.10' },
          f: 0.1,
          g: ['x', 'y,"z"', null],
          h: false,
          i: -7,
        },
      ]);
    });

    test('values never become part of the statement', async () => {
      const text = "'; DROP TABLE x; --";
      const { rows } = await fixture.store.query<{ text: string }>('SELECT $1::text AS text', [
        text,
      ]);
      expect(rows).toEqual([{ text }]);
    });

    test('changed rows are counted', async () => {
      const table = fixture.name();
      await fixture.store.query(`CREATE TABLE ${table} (id integer PRIMARY KEY)`);
      await fixture.store.query(`INSERT INTO ${table} SELECT generate_series(1, 10)`);
      const changed = await fixture.store.query(
        `UPDATE ${table} SET id = id + 100 WHERE id <= $1`,
        [4],
      );
      expect(changed).toMatchObject({ rows: [], count: 4 });
    });

    test('a second row with the same key is told apart from other failures', async () => {
      const table = fixture.name();
      await fixture.store.query(
        `CREATE TABLE ${table} (id text CONSTRAINT ${table}_key PRIMARY KEY, size integer CHECK (size > 0))`,
      );
      const insert = (id: string, size: number) =>
        fixture.store.query(`INSERT INTO ${table} VALUES ($1, $2)`, [id, size]);
      await insert('a', 1);
      const error: unknown = await insert('a', 1).catch((failure: unknown) => failure);
      expect(isUniqueViolation(error)).toBe(true);
      expect(isUniqueViolation(error, `${table}_key`)).toBe(true);
      expect(isUniqueViolation(error, 'another')).toBe(false);
      expect(await faultCode(insert('b', 0))).toBe(STORE_ERRORS.CONSTRAINT_VIOLATION.code);
      expect(await faultCode(fixture.store.query('SELEKT 1'))).toBe(
        STORE_ERRORS.STATEMENT_INVALID.code,
      );
      expect(await faultCode(fixture.store.query('SELECT 1/0'))).toBe(
        STORE_ERRORS.STATEMENT_INVALID.code,
      );
    });

    test('many at once share the connections and all are answered', async () => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          fixture.store.query<{ n: number }>('SELECT $1::integer AS n', [index]),
        ),
      );
      expect(answers.map(({ rows }) => rows[0]?.n)).toEqual(answers.map((_, index) => index));
    });

    test('a connection that is cut is replaced', async () => {
      const other = await fixture.another();
      const { rows } = await fixture.store.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await other.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid as number]);
      // The first query may still be given the dead connection; it then says so and may be repeated.
      const first = await faultCode(fixture.store.query('SELECT 1'));
      expect([undefined, STORE_ERRORS.UNAVAILABLE.code]).toContain(first);
      expect(await faultCode(fixture.store.query('SELECT 1'))).toBeUndefined();
      expect(fixture.store.ready()).toEqual({ ready: true });
    });
  });
}
