import { unwrap } from '@cerberus/core';
import { allocateEuropeanColumns, europeanPriceBatch } from '@cerberus/pricing';
import { ScenarioTail } from '@cerberus/risk';
import { PhiloxStream } from '@cerberus/stats';
import { type BenchResult, median } from '../result.ts';
import { optionBook, type Position, UnderlyingBook } from './book.ts';

const OPTIONS = 1_000;
const UNDERLYINGS = 10;
const SCENARIOS = 500;
const ROUNDS = 41;
const COLD_LIMIT_MS = 60;
const TICK_LIMIT_MS = 2;
const CONFIDENCE = 0.99;

/**
 * Value at risk and expected shortfall of a book by full revaluation. Cold: everything from the returns
 * on, memory included. After a tick: the options on the underlying that moved are revalued, the P&L
 * vectors of the other underlyings and the exponentials of the returns are kept.
 */
export async function run(): Promise<BenchResult[]> {
  const positions = optionBook({ options: OPTIONS, underlyings: UNDERLYINGS });
  const returns = history();
  const risk = unwrap(ScenarioTail.create(SCENARIOS, CONFIDENCE));
  const cold: number[] = [];
  const tick: number[] = [];
  let book = coldBook(positions, returns);
  let pnl: Float64Array = new Float64Array(SCENARIOS);
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    book = coldBook(positions, returns);
    pnl = totalPnl(book);
    risk.measure(pnl);
    cold.push(performance.now() - start);
  }
  const difference = againstScalar(positions, returns, pnl);
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    book[round % UNDERLYINGS]!.revalue(1 + 1e-4 * round);
    risk.measure(totalPnl(book));
    tick.push(performance.now() - start);
  }
  const name = `historical VaR and ES of ${OPTIONS} options × ${SCENARIOS} scenarios, full revaluation`;
  const agreement = `largest difference to the scalar kernel ${difference.toExponential(1)} of the largest P&L`;
  return [
    limited(`${name}, cold (${agreement})`, cold, COLD_LIMIT_MS),
    limited(`${name}, after a tick of one of ${UNDERLYINGS} underlyings`, tick, TICK_LIMIT_MS),
  ];
}

function limited(name: string, samples: readonly number[], limitMs: number): BenchResult {
  const value = median(samples);
  const goal = `at most ${limitMs} ms (median of wall times, one core)`;
  return { name, unit: 'ms', value, n: samples.length, goal, met: value <= limitMs };
}

function history(): Float64Array[] {
  const stream = new PhiloxStream({ seed: 32, stream: 0 });
  return Array.from({ length: UNDERLYINGS }, () =>
    Float64Array.from({ length: SCENARIOS }, () => 0.02 * stream.nextNormal()),
  );
}

function coldBook(
  positions: readonly Position[],
  returns: readonly Float64Array[],
): UnderlyingBook[] {
  return returns.map((own, underlying) => {
    const held = positions.filter((position) => position.underlying === underlying);
    const book = new UnderlyingBook(held, SCENARIOS);
    book.revaluation.returns.set(own);
    book.prepare();
    book.revalue(1);
    return book;
  });
}

function totalPnl(book: readonly UnderlyingBook[]): Float64Array {
  const pnl = new Float64Array(SCENARIOS);
  for (const underlying of book) underlying.addPnl(pnl);
  return pnl;
}

/** Largest difference to the same P&L by `europeanPriceBatch`, over the largest P&L. */
function againstScalar(
  positions: readonly Position[],
  returns: readonly Float64Array[],
  pnl: Float64Array,
): number {
  const columns = allocateEuropeanColumns(SCENARIOS + 1);
  const prices = new Float64Array(SCENARIOS + 1);
  const expected = new Float64Array(SCENARIOS);
  for (const { underlying, option, quantity } of positions) {
    const { sign, spot, ...rest } = option;
    columns.sign.fill(sign);
    for (const name of Object.keys(rest) as (keyof typeof rest)[]) columns[name].fill(rest[name]);
    columns.spot.fill(spot);
    for (const [s, r] of returns[underlying]!.entries()) columns.spot[s] = spot * Math.exp(r);
    unwrap(europeanPriceBatch(columns, prices));
    for (let s = 0; s < SCENARIOS; s += 1) {
      expected[s]! += quantity * (prices[s]! - prices[SCENARIOS]!);
    }
  }
  let [worst, largest] = [0, 0];
  for (const [s, value] of expected.entries()) {
    worst = Math.max(worst, Math.abs(value - pnl[s]!));
    largest = Math.max(largest, Math.abs(value));
  }
  return worst / largest;
}
