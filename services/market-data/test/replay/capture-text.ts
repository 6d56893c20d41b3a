const START_NS = 1_723_161_253_000_000_000n;

/** One line of a capture, `ms` after its start. */
export function line(ms: number, frame: unknown): string {
  return `${START_NS + BigInt(ms) * 1_000_000n} ${JSON.stringify(frame)}\n`;
}

export function depth(first: number, last: number, over: object = {}): object {
  const data = {
    ...{ e: 'depthUpdate', E: 1_723_161_254_000, s: 'BTCUSDT', U: first, u: last },
    ...{ b: [['61000.10000000', '0.50000000']], a: [['61000.20000000', '0.25000000']] },
    ...over,
  };
  return { stream: 'btcusdt@depth@100ms', data };
}

export function snapshot(lastUpdateId: number, over: object = {}): object {
  const levels = {
    bids: [['61000.00000000', '1.00000000']],
    asks: [['61001.00000000', '2.00000000']],
  };
  return { lastUpdateId, ...levels, ...over };
}

export function quote(bid: string, ask: string, updateId = 1): object {
  const data = { u: updateId, s: 'BTCUSDT', b: bid, B: '3.78826000', a: ask, A: '1.5' };
  return { stream: 'btcusdt@bookTicker', data };
}

export function trade(id: number, quantity = '0.02000000'): object {
  const times = { E: 1_723_161_254_000, T: 1_723_161_254_000 };
  const data = { e: 'trade', ...times, s: 'BTCUSDT', t: id, p: '61000.1', q: quantity };
  return { stream: 'btcusdt@trade', data: { ...data, m: true, M: true } };
}

/** A sound spot session: deltas before the snapshot, then in step; nine lines. */
export const SESSION: readonly string[] = [
  line(0, { result: null, id: 1 }),
  line(10, depth(95, 97)),
  line(20, depth(98, 102)),
  line(30, snapshot(100)),
  line(40, quote('61000.1', '61000.2')),
  line(50, trade(1)),
  line(60, depth(103, 104, { b: [['61000.15', '0.425618']] })),
  line(70, depth(103, 104)),
  line(80, { e: '24hrTicker', E: 1, s: 'BTCUSDT' }),
];
