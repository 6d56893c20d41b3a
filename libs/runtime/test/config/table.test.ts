import { expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { renderConfigTable } from '../../src/config/table.ts';

test('the table lists every setting with value, default and name in the environment', () => {
  const sections = {
    gateway: Type.Object(
      {
        port: Type.Integer({ minimum: 1, maximum: 9, default: 8, description: 'Where it listens' }),
        tls: Type.Object({ apiKey: Type.String({ secret: true }) }),
      },
      { description: 'The front door.' },
    ),
  };
  expect(renderConfigTable(sections)).toBe(
    [
      '## gateway',
      '',
      'The front door.',
      '',
      '| key | value | default | environment | meaning |',
      '| --- | --- | --- | --- | --- |',
      '| `gateway.port` | an integer from 1 to 9 | `8` | `CERBERUS_GATEWAY_PORT` | Where it listens |',
      '| `gateway.tls.apiKey` | text | none | `CERBERUS_GATEWAY_TLS_API_KEY` | (secret: never shown) |',
      '',
    ].join('\n'),
  );
});
