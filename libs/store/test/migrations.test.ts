import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { STORE_ERRORS, type Store } from '../src/index.ts';
import { type Database, embeddedDatabase } from './series/series-fixture.ts';

let database: Database;
let store: Store;
beforeAll(async () => {
  database = await embeddedDatabase();
  store = await database.open();
}, 120_000);
afterAll(async () => {
  await store.close();
  await database.close();
});

const steps = [1, 2, 3].map((version) => ({ version, name: `step ${version}`, sql: 'SELECT 1' }));

test('a ledger that lacks a migration between others is refused, and names it', async () => {
  await store.migrate('gappy', steps);
  await store.query("DELETE FROM cerberus_migration WHERE namespace = 'gappy' AND version = 2");
  await expect(store.migrate('gappy', steps)).rejects.toMatchObject({
    code: STORE_ERRORS.MIGRATION_MISSING.code,
    message: expect.stringMatching(/gappy is at version 3, but migration 2 \(step 2\) is missing/),
  });
});

test('a newer database is refused with both versions', async () => {
  await store.migrate('ahead', steps);
  await expect(store.migrate('ahead', steps.slice(0, 1))).rejects.toMatchObject({
    code: STORE_ERRORS.SCHEMA_NEWER.code,
    message: expect.stringMatching(/ahead is at version 3, this version of Cerberus knows 1/),
  });
});
