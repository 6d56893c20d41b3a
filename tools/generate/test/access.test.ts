import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACCESS, TOPICS } from '@cerberus/schema';
import { describe, expect, test } from '@jest/globals';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const services = ACCESS.filter(({ service }) => service !== 'operator');
/** Names of topics that are words of the language too: where they stand they may mean something else. */
const WORDS = new Set(['account', 'alert', 'fill', 'position']);

function sourceOf(service: string): string {
  const folder = join(root, 'services', service, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}

describe('the table of rights (proto/access.json)', () => {
  test.each(services)(
    '$service is granted the topics that its sources name, and no others',
    (row) => {
      const source = sourceOf(row.service);
      const named = Object.keys(TOPICS).filter((topic) => source.includes(`'${topic}'`));
      const granted = [...new Set([...row.reads, ...row.writes])];
      expect(granted.filter((topic) => !named.includes(topic))).toEqual([]);
      const beside = named.filter((topic) => !granted.includes(topic) && !WORDS.has(topic));
      expect(beside).toEqual([]);
    },
  );

  test.each(services)('$service is granted the groups that its sources name', (row) => {
    const source = sourceOf(row.service);
    for (const group of row.groups) expect(source).toContain(`'${group}'`);
    const named = [...source.matchAll(/GROUP = '([^']+)'/g)].map(([, group]) => group);
    expect(named.filter((group) => !row.groups.includes(group!))).toEqual([]);
  });

  test.each(services)('$service opens transactions only by ids of its own', (row) => {
    const opens = /(PartitionedProcessor|LedgerWriter|DeadLetterWriter|openTransactional)[<(]/;
    expect(opens.test(sourceOf(row.service))).toBe(row.transactionalIds !== null);
    expect(row.transactionalIds ?? `${row.service}-`).toBe(`${row.service}-`);
    const others = services.filter((other) => other !== row);
    expect(others.filter(({ service }) => `${service}-`.startsWith(`${row.service}-`))).toEqual([]);
  });

  test('only one service writes each changelog, and nobody else reads it', () => {
    for (const topic of Object.keys(TOPICS).filter((name) => name.endsWith('.state'))) {
      const owner = topic.replace('.state', '');
      const touching = services.filter((row) => [...row.reads, ...row.writes].includes(topic));
      expect(touching.map(({ service }) => service)).toEqual([owner]);
    }
  });

  test('only the gate approves orders, and only the emitter tells of them', () => {
    const writers = (topic: string) =>
      services.filter(({ writes }) => writes.includes(topic)).map(({ service }) => service);
    expect(writers('order.decision')).toEqual(['pre-trade']);
    expect(writers('order.event')).toEqual(['execution']);
    expect(writers('fill')).toEqual(['execution']);
  });
});
