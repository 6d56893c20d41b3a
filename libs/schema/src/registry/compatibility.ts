import avro from 'avsc';

export const COMPATIBILITY_LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number];

/** Any decimal, of any size: two of them read each other only where precision and scale agree. */
class AnyDecimal extends avro.types.LogicalType {
  readonly #form: string;

  constructor(schema: avro.Schema, options?: object) {
    super(schema, options as never);
    const { precision, scale = 0 } = schema as unknown as { precision: number; scale?: number };
    this.#form = `${precision}:${scale}`;
  }

  protected override _fromValue(value: unknown): unknown {
    return value;
  }

  protected override _toValue(value: unknown): unknown {
    return value;
  }

  protected override _resolve(type: avro.Type): unknown {
    const same = type instanceof AnyDecimal && type.#form === this.#form;
    return same ? (value: unknown) => value : undefined;
  }
}

/** Throws where the text is not an Avro schema. */
export function parseSchema(text: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(text), { logicalTypes: { decimal: AnyDecimal } });
}

/**
 * Why a schema may not follow those before it, oldest first; empty where it may. Compatibility is
 * that of Avro's schema resolution, by avsc's resolvers.
 */
export function incompatibilities(
  candidate: string,
  before: readonly string[],
  level: CompatibilityLevel,
): string[] {
  if (level === 'NONE') return [];
  const others = level.endsWith('_TRANSITIVE') ? before : before.slice(-1);
  const backward = !level.startsWith('FORWARD');
  const forward = !level.startsWith('BACKWARD');
  return others.flatMap((other) => [
    ...(backward ? unreadable({ reader: candidate, writer: other }) : []),
    ...(forward ? unreadable({ reader: other, writer: candidate }) : []),
  ]);
}

function unreadable({ reader, writer }: { reader: string; writer: string }): string[] {
  try {
    parseSchema(reader).createResolver(parseSchema(writer));
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
