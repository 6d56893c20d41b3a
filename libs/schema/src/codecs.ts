import { type Fault, fail, faultOf, invariant, ok, type Result } from '@cerberus/core';
import avro from 'avsc';
import { DecimalType } from './decimal-type.ts';
import { SCHEMA_ERRORS } from './errors.ts';
import { SCHEMAS } from './generated/schemas.ts';
import { type MessageByTopic, TOPICS, type TopicName } from './generated/topics.ts';

/** Where schema ids come from: the built-in registry, in process or over HTTP. */
export interface SchemaSource {
  /** Registers the schema under the subject if it is new; gives its id. */
  register(subject: string, schema: string): Promise<number>;
  /** Text of a schema, undefined where the registry does not know the id. */
  schemaText(id: number): Promise<string | undefined>;
}

const MAGIC = 0;
const HEADER_BYTES = 5;
/** Encoding buffer; a longer message takes a second pass with a buffer of its own. */
const SCRATCH_BYTES = 64 * 1024;

interface Codec {
  readonly id: number;
  readonly type: avro.Type;
  /** Decoders by writer schema id; null where that schema cannot be read. */
  readonly readers: Map<number, ((payload: Buffer) => unknown) | null>;
}

/**
 * Encodes and decodes topic records in Confluent's wire format: byte 0, schema id (int32, big
 * endian), Avro binary. Both directions are synchronous; a message written with a schema not yet
 * seen answers `ID_UNKNOWN`, and `learn(id)` fetches it so that the message can be read again.
 */
export class Codecs {
  readonly #source: SchemaSource;
  readonly #codecs: ReadonlyMap<string, Codec>;
  readonly #scratch = Buffer.allocUnsafe(SCRATCH_BYTES);

  private constructor(source: SchemaSource, codecs: ReadonlyMap<string, Codec>) {
    this.#source = source;
    this.#codecs = codecs;
  }

  /** Registers every schema of `proto/`; fails where the registry refuses one as incompatible. */
  static async open(source: SchemaSource): Promise<Codecs> {
    const entries = Object.values(TOPICS).map(async (topic): Promise<[string, Codec]> => {
      const text = SCHEMAS[topic.schema];
      invariant(text !== undefined, `schema ${topic.schema} is generated`);
      const id = await source.register(`${topic.name}-value`, text);
      const type = compile(text);
      return [topic.name, { id, type, readers: new Map([[id, reader(type, type)]]) }];
    });
    return new Codecs(source, new Map(await Promise.all(entries)));
  }

  /** Throws where the value does not fit the schema: a programmer error. */
  encode<T extends TopicName>(topic: T, value: MessageByTopic[T]): Buffer {
    const { id, type } = this.#codec(topic);
    this.#scratch.writeUInt8(MAGIC, 0);
    this.#scratch.writeInt32BE(id, 1);
    const end = type.encode(value, this.#scratch, HEADER_BYTES);
    if (end >= 0) return Buffer.from(this.#scratch.subarray(0, end));
    const large = Buffer.allocUnsafe(SCRATCH_BYTES - end);
    this.#scratch.copy(large, 0, 0, HEADER_BYTES);
    const largeEnd = type.encode(value, large, HEADER_BYTES);
    invariant(largeEnd >= 0, 'encoding buffer holds the message');
    return large.subarray(0, largeEnd);
  }

  decode<T extends TopicName>(topic: T, value: Buffer): Result<MessageByTopic[T]> {
    if (value.length < HEADER_BYTES || value[0] !== MAGIC) {
      return schemaFault('FRAME_INVALID', 'a zero byte and a 4-byte schema id', describe(value));
    }
    const id = value.readInt32BE(1);
    const decoder = this.#codec(topic).readers.get(id);
    if (decoder === undefined) {
      return schemaFault('ID_UNKNOWN', 'a schema id of the registry', String(id));
    }
    if (decoder === null) {
      return schemaFault('INCOMPATIBLE', `a schema that ${topic} can read`, `schema ${id}`);
    }
    try {
      return ok(decoder(value.subarray(HEADER_BYTES)) as MessageByTopic[T]);
    } catch (error) {
      return schemaFault('PAYLOAD_INVALID', `${topic} record`, (error as Error).message);
    }
  }

  /** Fetches a schema id seen on the wire. False where the registry does not know it either. */
  async learn(topic: TopicName, id: number): Promise<boolean> {
    const codec = this.#codec(topic);
    if (codec.readers.has(id)) return true;
    const text = await this.#source.schemaText(id);
    if (text === undefined) return false;
    codec.readers.set(id, compatibleReader(codec.type, text));
    return true;
  }

  /** Id in a framed message, undefined where there is no frame. */
  static schemaId(value: Buffer): number | undefined {
    return value.length < HEADER_BYTES || value[0] !== MAGIC ? undefined : value.readInt32BE(1);
  }

  #codec(topic: string): Codec {
    const codec = this.#codecs.get(topic);
    invariant(codec !== undefined, `topic ${topic} is declared in proto/topics.json`);
    return codec;
  }
}

export function compile(schemaText: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(schemaText), { logicalTypes: { decimal: DecimalType } });
}

function reader(readerType: avro.Type, writerType: avro.Type): (payload: Buffer) => unknown {
  if (readerType === writerType) return (payload) => readerType.fromBuffer(payload);
  const resolver = readerType.createResolver(writerType);
  return (payload) => readerType.fromBuffer(payload, resolver);
}

function compatibleReader(
  type: avro.Type,
  writerText: string,
): ((payload: Buffer) => unknown) | null {
  try {
    return reader(type, compile(writerText));
  } catch {
    return null; // decode() then answers INCOMPATIBLE for every message of this writer.
  }
}

function schemaFault(
  reason: keyof typeof SCHEMA_ERRORS,
  expected: string,
  received: string,
): { readonly ok: false; readonly error: Fault } {
  return fail(faultOf(SCHEMA_ERRORS[reason], { expected, received }));
}

function describe(value: Buffer): string {
  return value.length === 0
    ? 'no bytes'
    : `${value.length} bytes starting 0x${value.toString('hex', 0, 1)}`;
}
