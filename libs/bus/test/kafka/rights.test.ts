import { bindingsOf } from '@cerberus/bus';
import { describe, expect, test } from '@jest/globals';

const NONE = {
  ...{ service: 'tca', user: 'cerberus-tca', reads: [], writes: [], groups: [] },
  ...{ transactionalIds: null, deadLetters: [] },
};
const SEEN = {
  ...{ user: 'cerberus-tca', resource: 'topic', pattern: 'literal', name: '*' },
  operations: ['Describe', 'DescribeConfigs'],
};
const topic = (name: string, ...operations: string[]) => ({ ...SEEN, name, operations });

describe('rules of a service', () => {
  test('without rights let it see names and settings of topics alone', () => {
    expect(bindingsOf(NONE, ['fill'])).toEqual([SEEN]);
  });

  test('name each topic once, with what may be done', () => {
    const access = { ...NONE, reads: ['fill', 'tca.state'], writes: ['tca.state'] };
    expect(bindingsOf(access, [])).toEqual([
      SEEN,
      topic('fill', 'Read'),
      topic('tca.state', 'Read', 'Write'),
    ]);
  });

  test('let it set aside what it reads, and read all dead letters only where it says so', () => {
    const writer = { ...NONE, reads: ['fill'], deadLetters: ['write'] as const };
    expect(bindingsOf(writer, ['fill', 'alert'])).toEqual([
      SEEN,
      topic('fill', 'Read'),
      topic('fill.dlq', 'Write'),
    ]);
    const reader = { ...writer, deadLetters: ['read', 'write'] as const };
    expect(bindingsOf(reader, ['fill', 'alert'])).toEqual([
      SEEN,
      topic('fill', 'Read'),
      topic('fill.dlq', 'Read', 'Write'),
      topic('alert.dlq', 'Read'),
    ]);
  });

  test('name groups in full and transactional ids by how they begin', () => {
    const access = { ...NONE, groups: ['tca'], transactionalIds: 'tca-' };
    const user = 'cerberus-tca';
    expect(bindingsOf(access, []).slice(1)).toEqual([
      { user, resource: 'group', pattern: 'literal', name: 'tca', operations: ['Read'] },
      {
        ...{ user, resource: 'transactional-id', pattern: 'prefixed', name: 'tca-' },
        operations: ['Write', 'Describe'],
      },
    ]);
  });
});
