import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decimal, ZERO } from '@cerberus/core';
import type { RunningService } from '@cerberus/runtime';
import type { Position } from '@cerberus/schema';
import { eventually, ServiceRig } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { portfolio } from '../src/index.ts';
import { adjustment, fill, instrument, NOW, SPOT } from './fixtures.ts';

let rig: ServiceRig;

beforeEach(async () => {
  rig = await ServiceRig.open();
});

afterEach(() => rig.close());

function start(openingPositions = ''): Promise<RunningService> {
  return rig.start(portfolio, { openingPositions, retryWaitingMs: 10 });
}

/** The newest record of a position, once its quantity is as expected. */
async function position(instrumentId: string, quantity: string): Promise<Position> {
  let newest: Position | undefined;
  await eventually(`${quantity} of ${instrumentId}`, async () => {
    newest = (await rig.read('position')).filter((p) => p.instrument_id === instrumentId).at(-1);
    return newest?.quantity === decimal(quantity);
  });
  return newest!;
}

describe('booking', () => {
  test('fills become positions, cash and realised profit', async () => {
    await rig.append('ref.instrument', instrument());
    await start();
    await rig.append('fill', fill('1', { fee: decimal('6') }));
    await rig.append(
      'fill',
      fill('2', { side: 'SELL', price: decimal('61000'), quantity: decimal('0.4') }),
    );
    expect(await position(SPOT, '0.6')).toMatchObject({
      position_id: `demo|${SPOT}`,
      average_price: decimal('60000'),
      realized_pnl: decimal('400'),
      fees: decimal('6'),
      currency: 'USDT',
      revision: 2,
    });
    expect((await rig.read('account')).at(-1)).toMatchObject({
      account_id: 'demo',
      balances: [
        {
          currency: 'USDT',
          cash: decimal('-35606'),
          realized_pnl: decimal('400'),
          fees: decimal('6'),
        },
      ],
      revision: 2,
    });
  });

  test('a fill told twice counts once, also across a restart', async () => {
    await rig.append('ref.instrument', instrument());
    await start();
    await rig.append('fill', fill('1'), fill('1'));
    await position(SPOT, '1');
    await rig.restart();
    await start();
    await rig.append('fill', fill('1'), fill('2'));
    expect(await position(SPOT, '2')).toMatchObject({ revision: 2 });
    expect((await rig.read('position')).map(({ revision }) => revision)).toEqual([1, 2]);
  });

  test('a fill that comes before its instrument waits and is booked once', async () => {
    await start();
    await rig.append('fill', fill('1'), fill('1'));
    await rig.append(
      'fill',
      fill('other', { account_id: 'demo', instrument_id: 'ETHUSDT.BINANCE' }),
    );
    await rig.restart();
    await start();
    await rig.append('ref.instrument', instrument());
    expect(await position(SPOT, '1')).toMatchObject({ revision: 1 });
    expect(await rig.deadLetters('fill')).toBe(0);
  });

  test('what cannot be booked is set aside and the account goes on', async () => {
    await rig.append('ref.instrument', instrument());
    await start();
    await rig.append('fill', fill('bad', { quantity: ZERO }));
    await rig.append('fill', fill('huge', { quantity: decimal('9e19'), price: decimal('9e19') }));
    await rig.appendRaw('fill', 'demo', Buffer.from('not avro'));
    await rig.append('fill', fill('good'));
    await position(SPOT, '1');
    expect(await rig.deadLetters('fill')).toBe(3);
  });

  test('a record that waited and is then refused stays visible and does not stop the others', async () => {
    await start();
    const waiting = (count: number) => async () =>
      new RegExp(`portfolio_waiting_records\\{[^}]*\\} ${count}`).test(
        await rig.host.metrics.render(),
      );
    await rig.append('fill', fill('bad', { quantity: ZERO }), fill('good'));
    await eventually('both wait', waiting(2));
    await rig.append('ref.instrument', instrument());
    await position(SPOT, '1');
    expect(await waiting(1)()).toBe(true);
  });

  test('accounts do not touch each other', async () => {
    await rig.append('ref.instrument', instrument());
    await start();
    await rig.append(
      'position.adjustment',
      adjustment('a'),
      adjustment('b', { account_id: 'other', quantity: decimal('3') }),
    );
    await eventually('both', async () => (await rig.read('position')).length === 2);
    const byAccount = (await rig.read('position')).map((p) => [p.account_id, p.quantity]);
    expect(byAccount.sort()).toEqual([
      ['demo', decimal('1')],
      ['other', decimal('3')],
    ]);
  });
});

describe('opening file', () => {
  const HEADER = 'account_id,kind,symbol,quantity,price,currency,volatility';
  const OPTION = 'BTC-20261225-100000-C';

  function file(...lines: string[]): string {
    const path = join(rig.folder, 'positions.csv');
    writeFileSync(path, [HEADER, ...lines].join('\n'));
    return path;
  }

  const BOOK = [
    'demo,spot,BTCUSDT,1.5,61000,,',
    'demo,perpetual,BTCUSDT-PERP,-2,60500,,',
    `demo,option,${OPTION},-10,4200,USDT,0.55`,
    'demo,cash,,250000,,USDT,',
  ];

  async function instruments(): Promise<void> {
    const perpetual = {
      instrument_id: 'BTCUSDT-PERP.BINANCE',
      symbol: 'BTCUSDT-PERP',
      kind: 'PERPETUAL',
    } as const;
    await rig.append('ref.instrument', instrument(), instrument(perpetual));
  }

  test('opens positions and cash, and makes the options known', async () => {
    await instruments();
    const service = await start(file(...BOOK));
    await rig.ready(service);
    expect(await position(SPOT, '1.5')).toMatchObject({
      average_price: decimal('61000'),
      realized_pnl: ZERO,
    });
    expect((await position('BTCUSDT-PERP.BINANCE', '-2')).average_price).toBe(decimal('60500'));
    expect((await position(`${OPTION}.OTC`, '-10')).average_price).toBe(decimal('4200'));
    await eventually(
      'cash',
      async () => (await rig.read('account')).at(-1)?.balances[0]?.cash === decimal('250000'),
    );
    expect((await rig.read('ref.instrument')).find((i) => i.symbol === OPTION)).toMatchObject({
      kind: 'OPTION',
      style: 'EUROPEAN',
      volatility: 0.55,
      venue: 'OTC',
    });
  });

  test('a restart, a second run and an edited file never double a position', async () => {
    await instruments();
    await start(file(...BOOK));
    await position(SPOT, '1.5');
    const before = (await rig.read('position.adjustment')).length;
    await rig.restart();
    await start(file(...BOOK));
    await rig.restart();
    await start(file('demo,spot,ETHUSDT,1,,,', 'demo,spot,BTCUSDT,9,61000,,', ...BOOK.slice(1)));
    await rig.append('fill', fill('1', { event_time: NOW }));
    await position(SPOT, '2.5');
    expect((await rig.read('position.adjustment')).length).toBe(before + 1);
  });

  test('one bad line: nothing is loaded, and the service says which', async () => {
    const bad = start(file(...BOOK, 'demo,spot,BTCUSDT,many,,,'));
    await expect(bad).rejects.toThrow(/positions\.csv.*nothing was loaded: line 6, quantity/s);
    expect(await rig.read('position.adjustment')).toEqual([]);
  });

  test('a file that is not there is a refusal to start', async () => {
    await expect(start(join(rig.folder, 'none.csv'))).rejects.toThrow(/none\.csv/);
  });
});
