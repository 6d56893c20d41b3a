import { outgoingRecord } from '@cerberus/bus';
import { decimal, type EpochUs } from '@cerberus/core';
import {
  type Alert,
  type MessageByTopic,
  type OrderRequest,
  SCHEMAS,
  TOPICS,
  type TopicName,
} from '@cerberus/schema';
import { alerting } from '@cerberus/service-alerting';
import { preTrade } from '@cerberus/service-pre-trade';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cerberus } from './commands/command-line.ts';
import { LogFolder, type OpenFolder } from './commands/log-folder.ts';

const TOPIC = 'order.request';
const SUBJECT = `${TOPIC} pre-trade`;
let folder: LogFolder;
let open: OpenFolder | undefined;

beforeAll(() => {
  folder = new LogFolder();
});
afterAll(async () => {
  await open?.close();
  folder.remove();
});

/** A process with the gate and the alerts on the folder. */
async function start(): Promise<OpenFolder> {
  const opened = await folder.open({ 'alerting.cooldownMs': 100 });
  const { host, bus, codecs, config } = opened;
  await host.startService(preTrade, config['pre-trade'], { bus, codecs });
  await host.startService(alerting, config.alerting, { bus, codecs });
  open = opened;
  return opened;
}

function request(id: string, nowUs: EpochUs): OrderRequest {
  return {
    ...{ request_id: `r-${id}`, kind: 'NEW', order_id: id, account_id: 'demo', strategy_id: null },
    ...{ instrument_id: 'BTCUSDT.BINANCE', side: 'BUY', order_type: 'MARKET' },
    ...{ quantity: decimal('1'), limit_price: null, stop_price: null, time_in_force: 'IOC' },
    ...{ expire_time: null, post_only: false, reduce_only: false, parent_order_id: null },
    ...{ source: 'REST', requested_by: 'test', request_time: nowUs },
  } as OrderRequest;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; !(await isSo()); attempt += 1) {
    if (attempt === 1500) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function read<T extends TopicName>(
  { bus, codecs }: OpenFolder,
  topic: T,
): Promise<MessageByTopic[T][]> {
  const messages: MessageByTopic[T][] = [];
  const follower = await bus.follow({
    ...{ topics: [topic], from: 'beginning' },
    onRecord: ({ value }) => {
      const decoded = value === null ? undefined : codecs.decode(topic, value);
      if (decoded?.ok) messages.push(decoded.value);
    },
  });
  await follower.caughtUp;
  await follower.stop();
  return messages;
}

const decisionsOf = async (opened: OpenFolder, id: string) =>
  (await read(opened, 'order.decision')).filter(({ order_id }) => order_id === id).length;

const alertOf = async (opened: OpenFolder): Promise<Alert | undefined> =>
  (await read(opened, 'alert')).findLast(({ subject }) => subject === SUBJECT);

function nextId(registry: Parameters<Parameters<LogFolder['withRegistry']>[0]>[0]): number {
  let id = 1;
  while (registry.schemaText(id) !== undefined) id += 1;
  return id;
}

/** An order request of tomorrow: one more field, under a schema id that today's registry lacks. */
const NEWER = (() => {
  const schema = JSON.parse(SCHEMAS[TOPICS[TOPIC].schema]!) as { fields: object[] };
  schema.fields.push({ name: 'client_tag', type: ['null', 'string'], default: null });
  return JSON.stringify(schema);
})();

function newer({ codecs }: OpenFolder, value: OrderRequest, schemaId: number): Buffer {
  const bytes = Buffer.concat([codecs.encode(TOPIC, value), Buffer.from([0])]);
  bytes.writeInt32BE(schemaId, 1);
  return bytes;
}

const dlq = (...args: string[]) => cerberus(['dlq', ...args, '--data-dir', folder.path]);

const replayed = async () => JSON.parse((await dlq('replay', TOPIC, '--all', '--json')).stdout);

async function decided(opened: OpenFolder, id: string): Promise<void> {
  await until(`${id} is decided`, async () => (await decisionsOf(opened, id)) === 1);
}

/** An order, as it is and as it should not be, on one partition. */
async function poison(opened: OpenFolder, schemaId: number): Promise<Buffer> {
  const nowUs = opened.host.clock.nowUs();
  const record = (id: string) =>
    outgoingRecord(opened.codecs, { topic: TOPIC, value: request(id, nowUs) });
  const torn = record('torn').value!.subarray(0, 20);
  const early = newer(opened, request('early', nowUs), schemaId);
  const next = record('next');
  await opened.writer.append([{ ...next, value: torn }, { ...next, value: early }, next]);
  return torn;
}

describe('poison on a ledger', () => {
  let torn: Buffer;
  let schemaId: number;

  test('is set aside and told, and the account goes on', async () => {
    await (await folder.open()).close();
    schemaId = folder.withRegistry((registry) => nextId(registry));
    const opened = await start();
    torn = await poison(opened, schemaId);
    await decided(opened, 'next');
    await until('the alert', async () => (await alertOf(opened))?.count === 2);
    expect(await alertOf(opened)).toMatchObject({ severity: 'CRITICAL', state: 'RAISED' });
    const locked = await dlq('ls');
    expect(locked).toMatchObject({ code: 1, stdout: '' });
    expect(locked.stderr).toMatch(/already in use by pid \d+; stop that process/);
    await opened.close();
  }, 60_000);

  test('is listed and shown with its reason, and not put back while it does not decode', async () => {
    expect(JSON.parse((await dlq('ls', '--json')).stdout).topics).toMatchObject([
      {
        ...{ topic: TOPIC, letters: 2, replayed: 0, services: ['pre-trade'] },
        reasons: { CRB_SCHEMA_PAYLOAD_INVALID: 1, CRB_SCHEMA_ID_UNKNOWN: 1 },
      },
    ]);
    const shown = JSON.parse((await dlq('show', TOPIC, '--json')).stdout);
    expect(shown.letters).toMatchObject([
      { reason: 'CRB_SCHEMA_PAYLOAD_INVALID', key: 'demo', hex: torn.toString('hex') },
      { reason: 'CRB_SCHEMA_ID_UNKNOWN', service: 'pre-trade', decodes: false, replayed: false },
    ]);
    const tooSoon = await dlq('replay', TOPIC, '--all', '--json');
    expect(tooSoon.code).toBe(1);
    expect(JSON.parse(tooSoon.stdout)).toMatchObject({ selected: 2, replayed: 0, left: 0 });
  }, 60_000);

  test('is put back once it decodes, and handled once', async () => {
    const known = folder.withRegistry((registry) => registry.register(`${TOPIC}-value`, NEWER));
    expect(known).toMatchObject({ ok: true, value: { id: schemaId } });
    const once = await replayed();
    expect(once).toMatchObject({ selected: 2, already_replayed: 0, replayed: 1 });
    expect(once.refused).toMatchObject([{ code: 'CRB_SCHEMA_PAYLOAD_INVALID' }]);
    expect(await replayed()).toMatchObject({ already_replayed: 1, replayed: 0 });
    const opened = await start();
    await decided(opened, 'early');
    await opened.close();
  }, 60_000);

  test('forced back again it is known by its id; what cannot be read is set aside again', async () => {
    const forced = await dlq('replay', TOPIC, '--all', '--again', '--force');
    expect(forced).toMatchObject({ code: 0, stderr: '' });
    expect(forced.stdout).toMatch(/put back +2$/m);
    const opened = await start();
    const value = request('last', opened.host.clock.nowUs());
    await opened.writer.append([outgoingRecord(opened.codecs, { topic: TOPIC, value })]);
    await decided(opened, 'last');
    expect(await decisionsOf(opened, 'early')).toBe(1);
    await opened.close();
    const { stdout } = await dlq('show', TOPIC, '--limit', '1');
    expect(stdout).toMatch(/source +order.request\/\d+@\d+\n/);
    expect(stdout).toMatch(/headers .*"replay":"1"/);
    expect(stdout).toMatch(/decodes +no: payload does not match its schema/);
  }, 60_000);
});
