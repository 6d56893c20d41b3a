import { faultOf, parseDecimal } from '@cerberus/core';
import { isTerminal } from '@cerberus/orders';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { ORDER_STATUS_VALUES, type OrderStatus } from '@cerberus/schema';
import type { Command } from 'commander';
import { CLI_ERRORS } from './errors.ts';
import { EXIT_FAILURE } from './failure.ts';
import { GatewayClient, type Json } from './gateway-client.ts';
import { faulty } from './input.ts';
import { choiceFlag, numberFlag } from './options.ts';
import { withOutput } from './report.ts';
import { type Cell, numberText, tableText } from './table.ts';

const SIDES = ['buy', 'sell'] as const;
const TYPES = ['market', 'limit', 'stop', 'stop_limit'] as const;
const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK', 'DAY'] as const;
const POLL_MS = 100;
/** Statuses in which a limit order may rest for ever: following ends there with what is known. */
const RESTING: readonly string[] = ['NEW', 'PARTIALLY_FILLED'];

interface OrderOptions {
  readonly symbol?: string;
  readonly side?: string;
  readonly quantity?: string;
  readonly type: string;
  readonly limitPrice?: string;
  readonly stopPrice?: string;
  readonly timeInForce?: string;
  readonly account: string;
  readonly strategy?: string;
  readonly checkOnly?: boolean;
  readonly cancel?: string;
  readonly wait: boolean;
  readonly timeout: string;
  readonly url: string;
  readonly keyFile: string;
  readonly json?: boolean;
}

export function addOrderCommand(program: Command): void {
  const command = program
    .command('order')
    .description('check, send, follow or cancel an order at a running gateway')
    .option('--symbol <symbol>', 'BTCUSDT, or BTCUSDT.BINANCE where the name is ambiguous')
    .option('--side <buy|sell>', 'side')
    .option('--quantity <n>', 'a decimal number')
    .option('--type <type>', TYPES.join(', '), 'market')
    .option('--limit-price <p>', 'for limit and stop_limit')
    .option('--stop-price <p>', 'for stop and stop_limit')
    .option('--time-in-force <tif>', TIMES_IN_FORCE.join(', '))
    .option('--account <id>', 'account', 'demo')
    .option('--strategy <id>', 'strategy')
    .option('--check-only', 'show the pre-trade check and send nothing')
    .option('--cancel <order-id>', 'cancel this order instead')
    .option('--no-wait', 'do not follow the order to its end')
    .option('--timeout <seconds>', 'how long to follow', '30')
    .option('--url <url>', 'gateway', 'http://127.0.0.1:8080')
    .option('--key-file <file>', 'API key', '.cerberus/api-key');
  withOutput(
    command,
    'cerberus order --symbol BTCUSDT --side buy --quantity 0.1\n  cerberus order --symbol BTCUSDT --side sell --quantity 0.1 --type limit --limit-price 99000 --check-only\n  cerberus order --cancel 0199b2c4-…',
  ).action(order);
}

async function order(options: OrderOptions): Promise<void> {
  if (options.cancel !== undefined) {
    await cancel(options.cancel, options);
    return;
  }
  const terms = termsOf(options);
  const seconds = numberFlag('--timeout', options.timeout);
  const client = new GatewayClient(options.url, options.keyFile);
  const check = (await client.send('POST', '/pre-trade-check', { body: { order: terms } })).body;
  if (options.json !== true) console.log(checkText(check));
  if (options.checkOnly === true || check['passed'] !== true) {
    if (options.json === true) console.log(JSON.stringify({ check, order: null }));
    if (check['passed'] !== true) process.exitCode = EXIT_FAILURE;
    return;
  }
  const clock = new SystemClock();
  const idempotencyKey = new UuidV7Source(clock, new SystemRng()).next();
  const accepted = [202, 422];
  const sent = await client.send('POST', '/orders', {
    ...{ body: { order: terms }, idempotencyKey, accepted },
  });
  const orderId = sent.body['order_id'];
  if (sent.status !== 202 || typeof orderId !== 'string') {
    if (options.json === true) console.log(JSON.stringify({ check, order: sent.body }));
    else console.log(`blocked   ${String(sent.body['detail'] ?? sent.body['status'] ?? '')}`);
    process.exitCode = EXIT_FAILURE;
    return;
  }
  if (options.json !== true) console.log(`sent      ${orderId}`);
  const follower = { client, orderId, clock, isQuiet: options.json === true };
  const known = options.wait ? await follow(follower, seconds) : sent.body;
  if (options.json === true) console.log(JSON.stringify({ check, order: known }));
}

function termsOf(options: OrderOptions): Json {
  const type = choiceFlag('--type', options.type.toLowerCase(), TYPES);
  const side = choiceFlag('--side', required('--side', options.side).toLowerCase(), SIDES);
  const priced: Record<string, string> = {};
  const price = (name: string, flag: string, text: string | undefined, isWanted: boolean) => {
    if (isWanted) priced[name] = amount(flag, required(flag, text));
    else if (text !== undefined) refuse(flag, `nothing for a ${type} order`, text);
  };
  price('limit_price', '--limit-price', options.limitPrice, type.endsWith('limit'));
  price('stop_price', '--stop-price', options.stopPrice, type.startsWith('stop'));
  const force = options.timeInForce?.toUpperCase();
  return {
    account_id: options.account,
    symbol: required('--symbol', options.symbol),
    side: side.toUpperCase(),
    quantity: amount('--quantity', required('--quantity', options.quantity)),
    order_type: type.toUpperCase(),
    ...priced,
    ...(options.strategy === undefined ? {} : { strategy_id: options.strategy }),
    ...(force === undefined
      ? {}
      : { time_in_force: choiceFlag('--time-in-force', force, TIMES_IN_FORCE) }),
  };
}

function required(flag: string, value: string | undefined): string {
  return value ?? refuse(flag, 'a value', 'nothing');
}

/** Amounts stay text: the gateway reads them exactly. */
function amount(flag: string, text: string): string {
  const parsed = parseDecimal(text);
  return parsed.ok && parsed.value > 0n ? text : refuse(flag, 'a decimal number above 0', text);
}

function refuse(path: string, expected: string, received: string): never {
  throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path, expected, received }));
}

interface Followed {
  readonly client: GatewayClient;
  readonly orderId: string;
  readonly clock: SystemClock;
  readonly isQuiet: boolean;
}

/** Tells each change of status until the order is done, or rests in the book. */
async function follow(
  { client, orderId, clock, isQuiet }: Followed,
  seconds: number,
): Promise<Json> {
  const deadline = clock.monotonicMs() + 1000 * seconds;
  let shown = '';
  for (;;) {
    const accepted = [200, 404];
    const { status, body } = await client.send('GET', `/orders/${orderId}`, { accepted });
    const state = String(body['status']);
    const text = `${state} ${String(body['filled_quantity'])}`;
    if (status === 200 && text !== shown) {
      shown = text;
      if (!isQuiet) console.log(stateText(body));
    }
    if (status === 200 && isDone(state, String(body['order_type']))) return body;
    if (clock.monotonicMs() > deadline) {
      throw faulty(
        faultOf(CLI_ERRORS.ORDER_UNFINISHED, {
          path: orderId,
          expected: `an end within ${seconds} s`,
          received: shown || 'nothing yet',
        }),
      );
    }
    await clock.sleep(POLL_MS);
  }
}

function isDone(state: string, type: string): boolean {
  const known = ORDER_STATUS_VALUES.find((each): each is OrderStatus => each === state);
  if (known !== undefined && isTerminal(known)) return true;
  return type !== 'MARKET' && RESTING.includes(state);
}

function stateText(body: Json): string {
  const filled = `${String(body['filled_quantity'])} of ${String(body['quantity'])}`;
  const average = body['average_price'] === null ? '' : ` at ${String(body['average_price'])}`;
  const reason = body['reason'] == null ? '' : `  (${String(body['reason'])})`;
  return `${String(body['status']).toLowerCase().padEnd(9)} ${filled}${average}${reason}`;
}

async function cancel(orderId: string, options: OrderOptions): Promise<void> {
  const clock = new SystemClock();
  const client = new GatewayClient(options.url, options.keyFile);
  const seconds = numberFlag('--timeout', options.timeout);
  const { body } = await client.send('DELETE', `/orders/${encodeURIComponent(orderId)}`);
  const isQuiet = options.json === true;
  if (!isQuiet) console.log(`cancelling ${orderId}`);
  if (!options.wait) {
    if (isQuiet) console.log(JSON.stringify({ order: body }));
    return;
  }
  const known = await untilTerminal({ client, orderId, clock, isQuiet }, seconds);
  if (isQuiet) console.log(JSON.stringify({ order: known }));
  else console.log(stateText(known));
}

async function untilTerminal({ client, orderId, clock }: Followed, seconds: number): Promise<Json> {
  const deadline = clock.monotonicMs() + 1000 * seconds;
  for (;;) {
    const { body } = await client.send('GET', `/orders/${encodeURIComponent(orderId)}`);
    if (isDone(String(body['status']), 'MARKET')) return body;
    if (clock.monotonicMs() > deadline) {
      const received = String(body['status']);
      const expected = `cancelled within ${seconds} s`;
      throw faulty(faultOf(CLI_ERRORS.ORDER_UNFINISHED, { path: orderId, expected, received }));
    }
    await clock.sleep(POLL_MS);
  }
}

function priceText(value: unknown): string {
  return typeof value === 'number' ? numberText(value) : String(value);
}

function checkText(check: Json): string {
  const checks = (check['checks_performed'] as Json[] | undefined) ?? [];
  const rows = checks.map((each): Cell[] => [
    String(each['check']),
    each['passed'] === true ? 'pass' : each['severity'] === 'SOFT' ? 'warning' : 'BLOCK',
    each['value'] as Cell,
    each['limit'] as Cell,
    String(each['unit']),
    each['passed'] === true ? '' : String(each['message']),
  ]);
  const columns = ['check', 'result', 'value', 'limit', 'unit', ''];
  const verdict = check['passed'] === true ? 'passed' : 'BLOCKED';
  const reference = `reference price ${priceText(check['reference_price'])}, at most ${String(check['max_quantity'])}`;
  return `${tableText({ columns, rows })}\n\n${verdict}    ${reference}, checked in ${String(check['elapsed_us'])} µs`;
}
