import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegistryClient, RegistryFile, RegistryServer } from '@cerberus/bus';
import { Codecs } from '@cerberus/schema';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SchemaRegistry as KafkaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';

const V1 = JSON.stringify({
  type: 'record',
  name: 'Tick',
  namespace: 'test',
  fields: [
    { name: 'price', type: 'double' },
    { name: 'venue', type: 'string' },
  ],
});
const V2 = V1.replace(']}', ',{"name":"size","type":"double","default":0}]}');
const INCOMPATIBLE = V1.replace(']}', ',{"name":"size","type":"double"}]}');

let folder: string;
let file: RegistryFile;
let server: RegistryServer;
let base: string;

async function open(): Promise<void> {
  file = new RegistryFile(join(folder, 'schemas.jsonl'));
  server = new RegistryServer({ registry: file.registry, host: '127.0.0.1', port: 0 });
  base = await server.start();
}

async function close(): Promise<void> {
  await server.stop();
  file.close();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cerberus-registry-'));
  await open();
});

afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(base + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

describe('schema registry, to the independent client @kafkajs/confluent-schema-registry', () => {
  test('registers, encodes and decodes across versions, before and after a restart', async () => {
    const client = new KafkaRegistry({ host: base });
    const first = await client.register({ type: SchemaType.AVRO, schema: V1 }, { subject: 'tick' });
    const again = await client.register({ type: SchemaType.AVRO, schema: V1 }, { subject: 'tick' });
    const second = await client.register(
      { type: SchemaType.AVRO, schema: V2 },
      { subject: 'tick' },
    );
    expect(again.id).toBe(first.id);
    expect(second.id).not.toBe(first.id);
    expect(await client.getLatestSchemaId('tick')).toBe(second.id);
    expect(await client.getRegistryId('tick', 1)).toBe(first.id);
    expect(await client.getRegistryIdBySchema('tick', { type: SchemaType.AVRO, schema: V2 })).toBe(
      second.id,
    );
    const bytes = await client.encode(second.id, { price: 1.5, venue: 'X', size: 2 });

    await close();
    await open();
    const later = new KafkaRegistry({ host: base });
    expect(await later.decode(bytes)).toMatchObject({ price: 1.5, venue: 'X', size: 2 });
  });

  test('refuses an incompatible schema', async () => {
    const client = new KafkaRegistry({ host: base });
    await client.register({ type: SchemaType.AVRO, schema: V1 }, { subject: 'tick' });
    await expect(
      client.register({ type: SchemaType.AVRO, schema: INCOMPATIBLE }, { subject: 'tick' }),
    ).rejects.toMatchObject({ status: 409 });
  });

  test('reads what our codecs wrote', async () => {
    const codecs = await Codecs.open(new RegistryClient(base));
    const entry = { kind: 'order', version: 3, payload: Buffer.from('{}') };
    const bytes = codecs.encode('tca.state', entry);
    const decoded = await new KafkaRegistry({ host: base }).decode(bytes);
    expect(decoded).toMatchObject({ kind: 'order', version: 3 });
  });
});

describe('schema registry REST', () => {
  beforeEach(async () => {
    await call('POST', '/subjects/tick/versions', { schema: V1 });
    await call('POST', '/subjects/tick/versions', { schema: V2 });
  });

  test('lists what it has', async () => {
    expect((await call('GET', '/subjects')).body).toEqual(['tick']);
    expect((await call('GET', '/subjects/tick/versions')).body).toEqual([1, 2]);
    expect((await call('GET', '/subjects/tick/versions/latest')).body).toMatchObject({
      subject: 'tick',
      version: 2,
      id: 2,
    });
    expect((await call('GET', '/subjects/tick/versions/1/schema')).body).toEqual(JSON.parse(V1));
    expect((await call('GET', '/schemas/ids/1')).body).toEqual({ schema: V1 });
    expect((await call('GET', '/schemas/ids/2/versions')).body).toEqual([
      { subject: 'tick', version: 2 },
    ]);
    expect((await call('POST', '/subjects/tick', { schema: V2 })).body).toMatchObject({
      version: 2,
    });
  });

  test('gives one id to one schema, whatever the subject and the layout', async () => {
    const spaced = JSON.stringify(JSON.parse(V1), null, 2);
    const other = await call('POST', '/subjects/other/versions?normalize=false', {
      schema: spaced,
    });
    expect(other.body).toEqual({ id: 1 });
  });

  test.each([
    ['GET', '/subjects/none/versions', undefined, 404, 40401],
    ['GET', '/subjects/tick/versions/9', undefined, 404, 40402],
    ['GET', '/subjects/tick/versions/zero', undefined, 422, 42202],
    ['GET', '/schemas/ids/99', undefined, 404, 40403],
    ['POST', '/subjects/tick', { schema: INCOMPATIBLE }, 404, 40403],
    ['POST', '/subjects/tick/versions', { schema: '"int"' }, 409, 409],
    ['POST', '/subjects/tick/versions', { schema: '{"type":"nothing"}' }, 422, 42201],
    ['POST', '/subjects/tick/versions', { schema: 'no json' }, 422, 42201],
    ['POST', '/subjects/tick/versions', { nothing: 1 }, 422, 42201],
    ['POST', '/subjects/tick/versions', { schema: V1, schemaType: 'PROTOBUF' }, 422, 42201],
    ['GET', '/config/tick', undefined, 404, 40408],
    ['PUT', '/config', { compatibility: 'SOMETIMES' }, 422, 42203],
    ['DELETE', '/subjects/tick?permanent=true', undefined, 404, 40405],
    ['GET', '/nowhere', undefined, 404, 404],
    ['PUT', '/subjects', {}, 405, 405],
    ['GET', '/subjects/%E0%A4%A/versions', undefined, 400, 400],
  ])('%s %s with %j answers %i and code %i', async (method, path, body, status, code) => {
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status, body: { error_code: code } });
    expect((answer.body as { message: string }).message).not.toBe('');
  });

  test('checks without registering', async () => {
    const check = (schema: string, query = '') =>
      call('POST', `/compatibility/subjects/tick/versions/latest${query}`, { schema });
    expect((await check(V1)).body).toEqual({ is_compatible: true });
    const refused = await check(V2.replace('"double","default":0', '"string"'), '?verbose=true');
    expect(refused.body).toMatchObject({ is_compatible: false });
    expect((refused.body as { messages: string[] }).messages).not.toHaveLength(0);
    expect((await call('GET', '/subjects/tick/versions')).body).toEqual([1, 2]);
  });

  test('keeps levels, deletions and ids over a restart', async () => {
    await call('PUT', '/config/tick', { compatibility: 'none' });
    const third = await call('POST', '/subjects/tick/versions', { schema: '"string"' });
    expect((await call('DELETE', '/subjects/tick')).body).toEqual([1, 2, 3]);
    expect((await call('GET', '/subjects')).body).toEqual([]);
    expect((await call('GET', '/subjects?deleted=true')).body).toEqual(['tick']);
    await close();
    await open();
    expect((await call('GET', '/config/tick')).body).toEqual({ compatibilityLevel: 'NONE' });
    expect((await call('GET', '/subjects')).body).toEqual([]);
    expect((await call('POST', '/subjects/tick/versions', { schema: '"string"' })).body).toEqual(
      third.body,
    );
    expect((await call('GET', '/subjects/tick/versions')).body).toEqual([4]);
  });

  test('refuses a body that is too large or no JSON', async () => {
    const large = await call('POST', '/subjects/tick/versions', { schema: 'x'.repeat(1_100_000) });
    expect(large.status).toBe(413);
    const response = await fetch(`${base}/subjects/tick/versions`, { method: 'POST', body: '{' });
    expect(response.status).toBe(400);
  });

  test('counts a decimal of another scale as incompatible', async () => {
    const decimal = (scale: number) =>
      JSON.stringify({ type: 'bytes', logicalType: 'decimal', precision: 38, scale });
    await call('POST', '/subjects/amount/versions', { schema: decimal(18) });
    const answer = await call('POST', '/subjects/amount/versions', { schema: decimal(8) });
    expect(answer.status).toBe(409);
  });
});

describe('registry file', () => {
  test('forgets the line that was being written, and no other', async () => {
    await call('POST', '/subjects/tick/versions', { schema: V1 });
    await close();
    const path = join(folder, 'schemas.jsonl');
    const before = readFileSync(path, 'utf8');
    appendFileSync(path, '{"kind":"regis');
    await open();
    expect((await call('GET', '/subjects')).body).toEqual(['tick']);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('refuses a damaged or foreign file with its name', () => {
    const path = join(folder, 'other.jsonl');
    writeFileSync(path, '{"cerberus_registry":1}\n{broken\n');
    expect(() => new RegistryFile(path)).toThrow(/other\.jsonl, line 2.*damaged/);
    writeFileSync(path, '{"cerberus_registry":2}\n');
    expect(() => new RegistryFile(path)).toThrow(/newer/);
    writeFileSync(path, 'hello\n');
    expect(() => new RegistryFile(path)).toThrow(/cannot be opened/);
  });
});
