import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { STORE_ERRORS, type Store } from '../../src/index.ts';
import { chooseEngine, type EngineFacts, judgeExtension } from '../../src/series/engine.ts';
import { type Database, embeddedDatabase, uniqueName } from './series-fixture.ts';

/*
 * No package of TimescaleDB is to be had where these tests run: what it would answer is given by hand
 * after its documentation, and only a server without it is asked for real.
 */

const READY: EngineFacts = {
  ...{ available: '2.25.0', installed: null, schema: null, preloaded: true },
  ...{ may_create: true, license: 'timescale' },
};

describe('what to do with TimescaleDB', () => {
  test.each<[string, Partial<EngineFacts>, ReturnType<typeof judgeExtension>['action']]>([
    ['not there', { available: null }, 'native'],
    ['there and may be created', {}, 'create'],
    ['there, its settings hidden', { license: null }, 'create'],
    ['there but not preloaded', { preloaded: false }, 'native'],
    ['there but not ours to create', { may_create: false }, 'native'],
    ['too old', { available: '2.12.2' }, 'native'],
    ['the edition without continuous aggregates', { license: 'apache' }, 'native'],
    ['in use', { installed: '2.25.0', schema: 'public' }, 'use'],
    [
      'in use, and not ours to create',
      { installed: '3.0.1', schema: 'ts', may_create: false },
      'use',
    ],
    ['in use but old', { installed: '2.9.0', schema: 'public' }, 'native'],
    [
      'in use in the other edition',
      { installed: '2.25.0', schema: 'x', license: 'apache' },
      'native',
    ],
  ])('%s', (_case, facts, action) => {
    const verdict = judgeExtension({ ...READY, ...facts });
    expect(verdict.action).toBe(action);
    if (verdict.action === 'native') expect(verdict.because).toMatch(/TimescaleDB/);
  });
});

describe('the engine of a database', () => {
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

  test('is native where the server does not have the extension, and says so', async () => {
    expect(await chooseEngine(store, uniqueName('engine'))).toEqual({
      kind: 'native',
      because: 'the server does not have TimescaleDB',
    });
  });

  test('stays what the series were made with', async () => {
    const namespace = uniqueName('engine');
    await store.migrate(`${namespace}/native`, [{ version: 1, name: 'x', sql: 'SELECT 1' }]);
    expect(await chooseEngine(store, namespace)).toEqual({
      kind: 'native',
      because: 'the series were made so',
    });
  });

  test('is refused where the series were made with an extension that is gone', async () => {
    const namespace = uniqueName('engine');
    await store.migrate(`${namespace}/timescale`, [{ version: 1, name: 'x', sql: 'SELECT 1' }]);
    await expect(chooseEngine(store, namespace)).rejects.toMatchObject({
      code: STORE_ERRORS.SERIES_EXTENSION_GONE.code,
    });
  });
});
