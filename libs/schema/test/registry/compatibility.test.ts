import { describe, expect, test } from '@jest/globals';
import { type CompatibilityLevel, incompatibilities, SchemaRegistry } from '../../src/index.ts';

function schema(...fields: object[]): string {
  return JSON.stringify({ type: 'record', name: 'R', fields });
}

const A = { name: 'a', type: 'int' };
const B = { name: 'b', type: 'int' };
const B_OPTIONAL = { ...B, default: 0 };

/** Rules of Confluent's documentation, "Schema Evolution and Compatibility", table of allowed changes. */
describe('compatibility', () => {
  test.each<[string, CompatibilityLevel, string, string, boolean]>([
    ['adding an optional field', 'BACKWARD', schema(A), schema(A, B_OPTIONAL), true],
    ['adding a required field', 'BACKWARD', schema(A), schema(A, B), false],
    ['dropping a field', 'BACKWARD', schema(A, B), schema(A), true],
    ['adding a required field', 'FORWARD', schema(A), schema(A, B), true],
    ['dropping a required field', 'FORWARD', schema(A, B), schema(A), false],
    ['dropping an optional field', 'FORWARD', schema(A, B_OPTIONAL), schema(A), true],
    ['adding an optional field', 'FULL', schema(A), schema(A, B_OPTIONAL), true],
    ['adding a required field', 'FULL', schema(A), schema(A, B), false],
    ['dropping a required field', 'FULL', schema(A, B), schema(A), false],
    ['widening int to long', 'BACKWARD', '"int"', '"long"', true],
    ['narrowing long to int', 'BACKWARD', '"long"', '"int"', false],
    ['anything', 'NONE', '"long"', '"string"', true],
  ])('%s under %s', (_what, level, before, after, allowed) => {
    expect(incompatibilities(after, [before], level).length === 0).toBe(allowed);
  });

  test('transitive levels look at all versions, the others at the newest', () => {
    const history = [schema(A, { name: 'b', type: 'string' }), schema(A)];
    const candidate = schema(A, B_OPTIONAL);
    expect(incompatibilities(candidate, history, 'BACKWARD')).toEqual([]);
    expect(incompatibilities(candidate, history, 'BACKWARD_TRANSITIVE')).toHaveLength(1);
    expect(incompatibilities(schema(A), [], 'FULL_TRANSITIVE')).toEqual([]);
  });
});

describe('registry', () => {
  test('changes nothing that could not be made durable', () => {
    const registry = new SchemaRegistry({
      persist: () => {
        throw new Error('disk full');
      },
    });
    expect(() => registry.register('s', '"int"')).toThrow('disk full');
    expect(registry.subjects()).toEqual([]);
    expect(registry.schemaText(1)).toBeUndefined();
  });
});
