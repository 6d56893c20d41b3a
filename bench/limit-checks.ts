import { strict as assert } from 'node:assert';
import { decimal } from '@cerberus/core';
import { evaluate } from '@cerberus/limits';
import { gate, limit, MANDATORY, NOW, order } from '../libs/limits/test/fixtures.ts';
import { type BenchResult, meanUs, median, printResults } from './result.ts';

/*
 * Every check of the gate on one order, no I/O. The peer makes five of its comparisons on doubles
 * and keeps nothing: no scope, no text, no exact arithmetic.
 */

const ROUNDS = 7;
const CALLS = 50_000;
const GOAL_US = 50;

export async function run(): Promise<BenchResult[]> {
  const book = gate([
    ...MANDATORY,
    limit({ limit_type: 'fat_finger', unit: 'multiple', hard: '10000', soft: '1000' }),
    limit({ limit_type: 'order_rate', unit: 'orders/s', hard: '200', soft: '100' }),
    limit({ limit_type: 'duplicate_order', unit: 'ms', soft: '500' }),
  ]);
  const orders = Array.from({ length: 64 }, (_each, index) =>
    order({ order_id: `o${index}`, quantity: decimal(`0.${index + 1}`) }),
  );
  const judge = (index: number) => evaluate(book, orders[index % 64]!, { nowUs: NOW });
  const naive = naiveGate();
  assert(judge(0).passed && naive(0));
  meanUs(CALLS, judge);
  meanUs(CALLS, naive);
  const own: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    peer.push(meanUs(CALLS, naive));
    own.push(meanUs(CALLS, judge));
  }
  const value = median(own);
  const peerValue = median(peer);
  return [
    {
      name: `all limit checks of one order, ${judge(0).checks.length} answers with text`,
      unit: 'µs',
      value,
      n: ROUNDS * CALLS,
      peer: 'five comparisons on doubles that keep nothing',
      peer_value: peerValue,
      ratio: value / peerValue,
      goal: `mean at most ${GOAL_US} µs`,
      met: value <= GOAL_US,
    },
  ];
}

function naiveGate(): (index: number) => boolean {
  const position = new Map([['BTCUSDT.BINANCE', 0]]);
  const price = new Map([['BTCUSDT.BINANCE', 60_000]]);
  return (index) => {
    const quantity = Number(`0.${(index % 64) + 1}`);
    const limitPrice = Number('60000');
    const mid = price.get('BTCUSDT.BINANCE') ?? Number.NaN;
    const held = position.get('BTCUSDT.BINANCE') ?? 0;
    return (
      quantity <= 10 &&
      quantity * mid <= 500_000 &&
      Math.abs(limitPrice / mid - 1) * 10_000 <= 500 &&
      Math.abs(held + quantity) <= 20 &&
      quantity <= 10_000
    );
  };
}

if (import.meta.main) await printResults(run);
