import type { TObject } from 'typebox';

/** The part of JSON Schema that config sections use, as TypeBox builds it. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  /** Our own keyword: the value is never shown. `Type.String({ secret: true })`. */
  readonly secret?: boolean;
}

/** Config sections by name; each belongs to one service or port. */
export type Sections = Readonly<Record<string, TObject>>;

export type Path = readonly string[];

export function nodeOf(schema: TObject): SchemaNode {
  return schema as unknown as SchemaNode;
}

export function showPath(path: Path): string {
  return path.join('.');
}

/** Key order and case do not matter in a name of the environment: `host.dataDir` → `CERBERUS_HOST_DATA_DIR`. */
export function environmentName(path: Path): string {
  const words = path.map((part) =>
    part
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/[^A-Za-z0-9]+/g, '_')
      .toUpperCase(),
  );
  return ['CERBERUS', ...words].join('_');
}

/** Schema of what lies under `key` of an object or record, or at an index of an array. */
export function childOf(node: SchemaNode, key: string): SchemaNode | undefined {
  if (node.properties !== undefined && Object.hasOwn(node.properties, key)) {
    return node.properties[key];
  }
  if (node.items !== undefined && /^\d+$/.test(key)) return node.items;
  for (const [pattern, child] of Object.entries(node.patternProperties ?? {})) {
    if (new RegExp(pattern).test(key)) return child;
  }
  return undefined;
}

export function schemaAt(root: SchemaNode, path: Path): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const key of path) {
    if (node === undefined) return undefined;
    node = childOf(node, key);
  }
  return node;
}

/** Every setting that has a value of its own, with its path. Objects with named keys are only their parts. */
export function* settingsOf(
  node: SchemaNode,
  path: Path = [],
): Generator<{ path: Path; node: SchemaNode }> {
  if (node.properties === undefined) {
    yield { path, node };
    return;
  }
  for (const [key, child] of Object.entries(node.properties))
    yield* settingsOf(child, [...path, key]);
}

/** What a value must be, in words: `an integer from 1 to 65535`. */
export function describeSchema(node: SchemaNode): string {
  const choices = choicesOf(node);
  if (choices !== undefined)
    return `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.anyOf !== undefined) return node.anyOf.map(describeSchema).join(' or ');
  switch (node.type) {
    case 'integer':
      return `an integer${rangeOf(node)}`;
    case 'number':
      return `a number${rangeOf(node)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return describeText(node);
    case 'array':
      return `a list of ${pluralOf(node.items)}${countOf(node)}`;
    case 'object':
      return node.properties === undefined
        ? 'a mapping'
        : `a mapping with ${Object.keys(node.properties).join(', ')}`;
    case 'null':
      return 'null';
    default:
      return node.type ?? 'a value';
  }
}

export function choicesOf(node: SchemaNode): readonly unknown[] | undefined {
  if (node.enum !== undefined) return node.enum;
  if (node.anyOf === undefined || node.anyOf.some((choice) => choice.const === undefined))
    return undefined;
  return node.anyOf.map((choice) => choice.const);
}

function rangeOf(node: SchemaNode): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = node;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const parts: string[] = [];
  if (minimum !== undefined) parts.push(`at least ${minimum}`);
  if (exclusiveMinimum !== undefined) parts.push(`above ${exclusiveMinimum}`);
  if (maximum !== undefined) parts.push(`at most ${maximum}`);
  if (exclusiveMaximum !== undefined) parts.push(`below ${exclusiveMaximum}`);
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`;
}

function describeText(node: SchemaNode): string {
  if (node.pattern !== undefined) return `text matching ${node.pattern}`;
  if (node.format !== undefined) return `text in the form of a ${node.format}`;
  if (node.minLength !== undefined && node.maxLength !== undefined) {
    return `text of ${node.minLength} to ${node.maxLength} characters`;
  }
  if (node.minLength !== undefined) return `text of at least ${node.minLength} characters`;
  if (node.maxLength !== undefined) return `text of at most ${node.maxLength} characters`;
  return 'text';
}

function pluralOf(node: SchemaNode | undefined): string {
  if (node?.type === 'string' && choicesOf(node) === undefined) return 'texts';
  return node === undefined ? 'values' : describeSchema(node);
}

function countOf(node: SchemaNode): string {
  if (node.minItems !== undefined && node.maxItems !== undefined) {
    return `, ${node.minItems} to ${node.maxItems} of them`;
  }
  if (node.minItems !== undefined) return `, at least ${node.minItems}`;
  return node.maxItems === undefined ? '' : `, at most ${node.maxItems}`;
}
