import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { HISTORY_RETENTION, historySeries } from '../../src/index.ts';
import { seriesMigrations } from '../../src/series/series-store.ts';

/*
 * Databases in use were made with these statements: a fingerprint that changes here is a database that
 * refuses to start there. A new series goes to the end.
 */
test.each([
  [
    'native',
    [
      '77f8db0ae4b747c9',
      '27db82d37635bb63',
      '299b02d522d6496f',
      'd3111df9fbe6cde1',
      '96950bc13d46aa46',
    ],
  ],
  [
    'timescale',
    [
      '8a842d2f505a0c86',
      '82f5efb10c88fba2',
      '162fc708fc5245ba',
      '0948234905b48f0d',
      '0fb99cb0a629bc6f',
    ],
  ],
] as const)('the tables made on %s do not change', (kind, fingerprints) => {
  const migrations = seriesMigrations(Object.values(historySeries()), { kind });
  const found = migrations.map(({ sql }) => createHash('sha256').update(sql).digest('hex'));
  expect(found.map((text) => text.slice(0, 16))).toEqual(fingerprints);
});

test('retention is no part of the tables', () => {
  const shorter = historySeries({ ...HISTORY_RETENTION, riskDays: 7, barDays: 100 });
  for (const kind of ['native', 'timescale'] as const) {
    expect(seriesMigrations(Object.values(shorter), { kind })).toEqual(
      seriesMigrations(Object.values(historySeries()), { kind }),
    );
  }
});
