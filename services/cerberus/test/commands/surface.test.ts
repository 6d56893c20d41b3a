import { readFileSync } from 'node:fs';
import { black76Price } from '@cerberus/pricing';
import { describe, expect, test } from '@jest/globals';
import { cerberus, inScratch } from './command-line.ts';

/** Twenty strikes at two expiries at a volatility of 30 %, one quote crossed and one empty. */
function chainText(): string {
  const lines = ['expiry,strike,right,bid,ask'];
  for (const [expiry, timeYears] of [
    ['2026-03-02T21:00:00Z', 31 / 365],
    ['2026-06-01T20:00:00Z', 122 / 365],
  ] as const) {
    for (let strike = 80; strike < 122; strike += 2) {
      for (const kind of ['call', 'put'] as const) {
        const option = { kind, forward: 100, strike, timeYears, rate: 0.03, volatility: 0.3 };
        const price = black76Price(option);
        const mid = price.ok ? price.value : Number.NaN;
        lines.push(`${expiry},${strike},${kind},${mid * 0.99},${mid * 1.01}`);
      }
    }
  }
  lines.push('2026-03-02T21:00:00Z,130,call,2,1', '2026-03-02T21:00:00Z,132,call,,');
  return `${lines.join('\n')}\n`;
}

const AS_OF = ['--as-of', '2026-01-30T21:00:00Z'];

describe('cerberus surface', () => {
  test('prints one document with certificate, metrics and answers', async () => {
    await inScratch({ 'chain.csv': chainText() }, async (path) => {
      const query = ['--query', 'delta=-0.25@60', '--query', 'strike=95@60'];
      const flags = [...AS_OF, '--json', '--plot', path('smiles.svg'), ...query];
      const { code, stdout } = await cerberus(['surface', '--chain', path('chain.csv'), ...flags]);
      expect(code).toBe(0);
      const report = JSON.parse(stdout);
      expect(report.certificate).toMatchObject({
        butterfly_violations: 0,
        calendar_violations: 0,
        wing_violations: 0,
      });
      expect(report.dropped_quotes).toMatchObject({ crossed: 1, no_quote: 1 });
      expect(report.expiries).toHaveLength(2);
      for (const { metrics, forward } of report.expiries) {
        expect(forward).toBeCloseTo(100, 1);
        expect(metrics.at_the_money).toBeCloseTo(0.3, 3);
        expect(metrics.model_free).toBeCloseTo(0.3, 2);
      }
      expect(report.queries[0].volatility).toBeCloseTo(0.3, 3);
      expect(report.queries[0].call_delta).toBeCloseTo(0.75, 8);
      expect(report.queries[1].local_volatility).toBeCloseTo(0.3, 2);
      expect(report.inputs[0].sha256).toMatch(/^[0-9a-f]{16}$/);
      expect(readFileSync(path('smiles.svg'), 'utf8')).toMatch(/^<svg /);
    });
  });

  test('prints tables by default, and refuses what it cannot read by code', async () => {
    await inScratch({ 'chain.csv': chainText(), 'bad.csv': 'a,b\n1,2\n' }, async (path) => {
      const plain = await cerberus(['surface', '--chain', path('chain.csv'), ...AS_OF]);
      expect(plain.stdout).toMatch(/Certificate/);
      expect(plain.stdout).toMatch(/conventions/);
      const bad = await cerberus(['surface', '--chain', path('bad.csv'), ...AS_OF]);
      expect(bad.code).not.toBe(0);
      expect(bad.stderr).toContain('CRB_SURFACE_OUT_OF_RANGE');
      const query = await cerberus([
        'surface',
        '--chain',
        path('chain.csv'),
        ...AS_OF,
        '--query',
        'x',
      ]);
      expect(query.stderr).toContain('CRB_CLI_OPTION_INVALID');
    });
  });
});
