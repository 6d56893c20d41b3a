import { expect, test } from '@jest/globals';
import { statementName } from '../src/statement-names.ts';

test('a text keeps its name, two texts have two, and beyond the bound there are none', () => {
  const first = statementName('SELECT $1');
  expect(first.name).toBeDefined();
  expect(statementName('SELECT $1')).toEqual(first);
  const others = Array.from({ length: 300 }, (_each, index) =>
    statementName(`SELECT $1 + ${index}`),
  );
  const named = others.flatMap(({ name }) => name ?? []);
  expect(new Set([...named, first.name]).size).toBe(256);
  expect(others.at(-1)).toEqual({});
  expect(statementName('SELECT $1')).toEqual(first);
});
