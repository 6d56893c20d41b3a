import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkBannedCalls } from '../banned-calls.ts';
import { checkBoundaries } from '../boundaries.ts';
import { checkCompatibility, incompatibility } from '../compatibility.ts';
import { checkSize } from '../size.ts';

// A check that cannot fail protects nothing: each rule is shown failing on a tree of its own.
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cerberus-check-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const rulesFound = async () => [...new Set((await checkBoundaries(root)).map(({ rule }) => rule))];

describe('layer boundaries', () => {
  test('a clean tree passes', async () => {
    write({
      'libs/core/src/index.ts': 'export const one = 1;\n',
      'libs/pricing/src/index.ts': "export { one } from '../../core/src/index.ts';\n",
    });
    expect(await rulesFound()).toEqual([]);
  });

  test('a service importing a service fails', async () => {
    write({
      'services/tca/src/index.ts': 'export const one = 1;\n',
      'services/gateway/src/index.ts': "export { one } from '../../tca/src/index.ts';\n",
    });
    expect(await rulesFound()).toEqual(['no-service-imports-service']);
  });

  test('a test of a service may import the simulated venue, but no other service', async () => {
    write({
      'services/venue-sim/src/index.ts': 'export const one = 1;\n',
      'services/tca/src/index.ts': 'export const one = 1;\n',
      'services/execution/test/a.test.ts': "export { one } from '../../venue-sim/src/index.ts';\n",
    });
    expect(await rulesFound()).toEqual([]);
    write({
      'services/execution/test/b.test.ts': "export { one } from '../../tca/src/index.ts';\n",
    });
    expect(await rulesFound()).toEqual(['no-service-imports-service']);
  });

  test('the all-in-one may compose services', async () => {
    write({
      'services/tca/src/index.ts': 'export const one = 1;\n',
      'services/cerberus/src/index.ts': "export { one } from '../../tca/src/index.ts';\n",
    });
    expect(await rulesFound()).toEqual([]);
  });

  test('an upward import fails', async () => {
    write({
      'libs/bus/src/index.ts': 'export const one = 1;\n',
      'libs/pricing/src/index.ts': "export { one } from '../../bus/src/index.ts';\n",
    });
    expect(await rulesFound()).toEqual(['no-upward-import']);
  });

  test('a kernel that does I/O fails', async () => {
    write({ 'libs/risk/src/index.ts': "export { readFileSync } from 'node:fs';\n" });
    expect(await rulesFound()).toEqual(['kernels-are-pure']);
  });

  test('a path into another library fails', async () => {
    write({
      'libs/core/src/secret.ts': 'export const one = 1;\n',
      'libs/pricing/src/index.ts': "export { one } from '../../core/src/secret.ts';\n",
    });
    expect(await rulesFound()).toEqual(['no-path-into-a-library']);
  });

  test('a runtime cycle fails, a cycle of types does not', async () => {
    write({
      'libs/core/src/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
      'libs/core/src/b.ts': "import { a } from './a.ts';\nexport const b = () => a;\n",
      'libs/model/src/c.ts': "import type { D } from './d.ts';\nexport interface C { d: D }\n",
      'libs/model/src/d.ts': "import type { C } from './c.ts';\nexport interface D { c: C }\n",
    });
    const findings = await checkBoundaries(root);
    expect(findings).toMatchObject([{ path: 'libs/core/src/a.ts', rule: 'no-cycle' }]);
  });
});

describe('banned calls', () => {
  test.each([
    ['Date.now()', 'Date.now'],
    ['new Date()', 'Date.now'],
    ['performance.now()', 'performance.now'],
    ['Math.random()', 'Math.random'],
    ['crypto.randomUUID()', 'crypto.randomUUID'],
    ['setTimeout(() => undefined, 1)', 'setTimeout'],
  ])('%s fails in a service', (call, name) => {
    write({ 'services/tca/src/index.ts': `export const value = ${call};\n` });
    expect(checkBannedCalls(root)).toMatchObject([{ rule: 'banned-call', line: 1 }]);
    expect(checkBannedCalls(root)[0]?.message).toContain(name);
  });

  test('the clock itself, and a date of a given instant, pass', () => {
    write({
      'libs/runtime/src/clock.ts': 'export const now = Date.now();\n',
      'services/tca/src/index.ts': 'export const day = new Date(0);\n',
    });
    expect(checkBannedCalls(root)).toEqual([]);
  });

  test('a file called utils fails', () => {
    write({ 'libs/core/src/utils.ts': 'export const one = 1;\n' });
    expect(checkBannedCalls(root)).toMatchObject([{ rule: 'vague-name' }]);
  });
});

describe('size', () => {
  test('a long file, a long function and a long parameter list fail', () => {
    write({
      'libs/core/src/long.ts': '// line\n'.repeat(501),
      'libs/core/src/function.ts': `export function f() {\n${'  g();\n'.repeat(60)}}\n`,
      'libs/core/src/parameters.ts': 'export const f = (a, b, c, d, e) => [a, b, c, d, e];\n',
      'libs/pricing/src/kernel.ts':
        'export const f = (s, k, t, r, q, v) => s + k + t + r + q + v;\n',
    });
    expect(checkSize(root).map(({ rule }) => rule)).toEqual([
      'function-size',
      'file-size',
      'parameters',
    ]);
  });
});

describe('schema compatibility', () => {
  const schema = (fields: object[]) => JSON.stringify({ type: 'record', name: 'Quote', fields });
  const bid = { name: 'bid', type: 'double' };

  test('a new field needs a default, a removed one does not', () => {
    expect(
      incompatibility(schema([bid, { name: 'ask', type: 'double' }]), schema([bid])),
    ).toBeDefined();
    const ask = { name: 'ask', type: ['null', 'double'], default: null };
    expect(incompatibility(schema([bid, ask]), schema([bid]))).toBeUndefined();
    expect(incompatibility(schema([bid]), schema([bid, ask]))).toBeUndefined();
  });

  test('a working copy that cannot read a committed version fails', () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
        cwd: root,
      });
    git('init', '-q');
    write({ 'proto/md/quote.avsc': schema([bid]) });
    git('add', '.');
    git('commit', '-qm', 'one');
    expect(checkCompatibility(root)).toEqual([]);
    write({ 'proto/md/quote.avsc': schema([{ name: 'bid', type: 'string' }]) });
    expect(checkCompatibility(root)).toMatchObject([
      { path: 'proto/md/quote.avsc', rule: 'schema-compatibility' },
    ]);
  });
});
