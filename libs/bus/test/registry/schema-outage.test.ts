import { PartitionedProcessor, RegistryClient, RegistryServer, TableView } from '@cerberus/bus';
import { Codecs, SCHEMAS, TOPICS, type TopicName } from '@cerberus/schema';
import { eventually } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { adjustment, ProcessorFixture, readTopic } from '../processor/processor-fixture.ts';

const UNKNOWN_ID = 987_654;
const TOPIC = 'position.adjustment';

let fixture: ProcessorFixture;
let server: RegistryServer;
let port: number;
/** Of a process whose only way to a schema is the registry's HTTP. */
let codecs: Codecs;

async function serve(at: number): Promise<void> {
  server = new RegistryServer({ registry: fixture.registry, host: '127.0.0.1', port: at });
  port = Number(new URL(await server.start()).port);
}

beforeEach(async () => {
  fixture = await new ProcessorFixture().open();
  await serve(0);
  codecs = await Codecs.open(new RegistryClient(`http://127.0.0.1:${port}`));
});

afterEach(async () => {
  await server.stop();
  await fixture.close();
});

/** A message with a field more than this program knows, by a schema registered meanwhile. */
function evolvedMessage(id: string): Buffer {
  const schema = JSON.parse(SCHEMAS[TOPICS[TOPIC].schema]!) as { fields: object[] };
  schema.fields.push({ name: 'desk', type: 'string', default: '' });
  const registered = fixture.registry.register(`${TOPIC}-value`, JSON.stringify(schema));
  if (!registered.ok) throw new Error('refused');
  const known = fixture.codecs.encode(TOPIC, adjustment(id, 'a'));
  const framed = Buffer.concat([known, avro.Type.forSchema('string').toBuffer('rates')]);
  framed.writeInt32BE(registered.value.id, 1);
  return framed;
}

function unknownMessage(id: string): Buffer {
  const framed = fixture.codecs.encode(TOPIC, adjustment(id, 'a'));
  framed.writeInt32BE(UNKNOWN_ID, 1);
  return framed;
}

async function letterReasons(topic: TopicName): Promise<(string | undefined)[]> {
  const letters = await readTopic(fixture.bus, `${topic}.dlq`);
  return letters.map(({ headers }) => headers['reason']);
}

describe('while the registry is away', () => {
  test('a partition waits with a schema not seen before, sets nothing aside, then goes on', async () => {
    const handled: string[] = [];
    const processor = new PartitionedProcessor({
      service: 'outage',
      bus: fixture.bus,
      codecs,
      host: fixture.host,
      inputs: [TOPIC],
      handle: ({ message }) => handled.push(message.adjustment_id),
    });
    await processor.start();
    await server.stop();
    await fixture.append([adjustment('1', 'a')]);
    await fixture.appendBytes(TOPIC, 'a', evolvedMessage('2'));
    await fixture.append([adjustment('3', 'a')]);
    await fixture.clock.sleep(500);
    expect(handled).not.toContain('3');
    expect(await letterReasons(TOPIC)).toEqual([]);
    await serve(port);
    await eventually('the rest', () => handled.includes('3'));
    expect(handled.slice(-2)).toEqual(['2', '3']);
    await fixture.appendBytes(TOPIC, 'a', unknownMessage('4'));
    await fixture.append([adjustment('5', 'a')]);
    await eventually('what lies behind an id that nobody knows', () => handled.includes('5'));
    expect(handled).not.toContain('4');
    expect(await letterReasons(TOPIC)).toEqual(['CRB_SCHEMA_ID_UNKNOWN']);
    await processor.stop();
  });

  test('a table waits, says for what, and is complete afterwards', async () => {
    const view = new TableView({ ...fixture, codecs, topic: TOPIC });
    await server.stop();
    await fixture.appendBytes(TOPIC, 'a', evolvedMessage('1'));
    await view.start();
    await eventually('the wait', () => (view.ready().detail ?? '').includes('waiting for schema'));
    expect(view.size).toBe(0);
    await serve(port);
    await view.caughtUp;
    expect(view.ready().ready).toBe(true);
    expect([...view.values()].map(({ adjustment_id: id }) => id)).toEqual(['1']);
    await view.stop();
  });
});
