import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { WEB_ERRORS } from './errors.ts';
import { type FieldError, HttpProblem } from './problem.ts';

/** Most field errors named in one answer. */
const ERRORS_MAX = 20;
const RECEIVED_LENGTH_MAX = 120;

interface SchemaError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

type Fields = Readonly<Record<string, unknown>>;

const COMPILED = new WeakMap<TSchema, Validator>();

/**
 * Checks request parts with compiled TypeBox schemas. Bodies are never coerced: the text `"5"` is
 * not the number 5. Query strings and parameters are text by nature and are read by their schema.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema);
  const isText = httpPart === 'querystring' || httpPart === 'params';
  const prefix = httpPart === undefined || httpPart === 'body' ? '' : partName(httpPart);
  return (input: unknown) => {
    const value = isText ? readText(schema, input) : input;
    if (check.Check(value)) return { value };
    const errors = explain(schema, value, [...check.Errors(value)] as unknown as SchemaError[]);
    return { error: validationProblem(errors.map((each) => located(prefix, each))) };
  };
};

/** Field errors of any value against a schema; empty when it fits. */
export function fieldErrorsOf(schema: TSchema, value: unknown): FieldError[] {
  let check = COMPILED.get(schema);
  if (check === undefined) {
    check = Compile(schema);
    COMPILED.set(schema, check);
  }
  if (check.Check(value)) return [];
  return explain(schema, value, [...check.Errors(value)] as unknown as SchemaError[]);
}

export function validationProblem(errors: readonly FieldError[]): HttpProblem {
  const [first] = errors;
  const detail =
    first === undefined
      ? 'The request does not fit its schema.'
      : `${first.path === '' ? 'The body' : first.path}: expected ${first.expected}, received ${first.received}.`;
  return new HttpProblem(WEB_ERRORS.REQUEST_INVALID, { detail, errors });
}

function partName(httpPart: string): string {
  return httpPart === 'querystring' ? 'query' : httpPart;
}

function located(prefix: string, error: FieldError): FieldError {
  if (prefix === '') return error;
  return { ...error, path: error.path === '' ? prefix : `${prefix}.${error.path}` };
}

/** Numbers, booleans and lists of a query string; what does not read stays text and fails the schema. */
function readText(schema: TSchema, input: unknown): unknown {
  const properties = (schema as { properties?: Readonly<Record<string, Fields>> }).properties;
  if (properties === undefined || typeof input !== 'object' || input === null) return input;
  const read: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(input)) {
    const name = key.endsWith('[]') ? key.slice(0, -2) : key;
    read[name] = readOne(properties[name], value);
  }
  return read;
}

function readOne(schema: Fields | undefined, value: unknown): unknown {
  switch (schema?.['type']) {
    case 'array':
      return Array.isArray(value) ? value : String(value).split(',');
    case 'integer':
    case 'number':
      return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value;
    default:
      return value;
  }
}

function explain(schema: TSchema, value: unknown, errors: readonly SchemaError[]): FieldError[] {
  const byPath = new Map<string, FieldError>();
  for (const error of errors) {
    if (error.keyword === 'boolean') continue; // The closing additionalProperties error says more.
    for (const field of fieldsOf(schema, value, error)) {
      if (!byPath.has(field.path) && byPath.size < ERRORS_MAX) byPath.set(field.path, field);
    }
  }
  return [...byPath.values()];
}

function fieldsOf(schema: TSchema, value: unknown, error: SchemaError): FieldError[] {
  const { instancePath, params } = error;
  if (error.keyword === 'required') {
    return (params['requiredProperties'] as string[]).map((name) => ({
      path: dotted(`${instancePath}/${name}`),
      expected: describe(at(schema, `${error.schemaPath}/properties/${name}`)),
      received: 'nothing',
    }));
  }
  if (error.keyword === 'additionalProperties') {
    return (params['additionalProperties'] as string[]).map((name) => ({
      path: dotted(`${instancePath}/${name}`),
      expected: 'no such field',
      received: shown(at(value, `${instancePath}/${name}`)),
    }));
  }
  // A failed branch of a union says what one alternative wanted; the union itself says all.
  const union = /^(.*?)\/(anyOf|oneOf)(\/|$)/.exec(error.schemaPath);
  return [
    {
      path: dotted(instancePath),
      expected: describe(at(schema, union?.[1] ?? error.schemaPath)),
      received: shown(at(value, instancePath)),
    },
  ];
}

function dotted(pointer: string): string {
  return pointer
    .replace(/^[#/]+/, '')
    .replaceAll('/', '.')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
}

function at(root: unknown, pointer: string): unknown {
  let node = root;
  for (const part of pointer.split('/')) {
    if (part === '' || part === '#') continue;
    if (typeof node !== 'object' || node === null) return undefined;
    node = (node as Fields)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return node;
}

/** A schema in words, for the person who sent something else. */
function describe(node: unknown): string {
  if (typeof node !== 'object' || node === null) return 'a value of the schema';
  const schema = node as Fields;
  if (typeof schema['description'] === 'string') return schema['description'];
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].join(', ')}`;
  if ('const' in schema) return JSON.stringify(schema['const']);
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(alternatives)) return alternatives.map(describe).join(' or ');
  return describeType(schema);
}

function describeType(schema: Fields): string {
  const { type } = schema;
  if (Array.isArray(type)) return type.join(' or ');
  const bounds = [
    ['minLength', 'at least', 'characters'],
    ['maxLength', 'at most', 'characters'],
    ['minimum', 'at least', ''],
    ['maximum', 'at most', ''],
    ['pattern', 'matching', ''],
  ]
    .filter(([keyword]) => schema[keyword!] !== undefined)
    .map(([keyword, word, unit]) => `${word} ${schema[keyword!]}${unit === '' ? '' : ` ${unit}`}`);
  return [typeof type === 'string' ? type : 'a value', ...bounds].join(', ');
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > RECEIVED_LENGTH_MAX ? `${text.slice(0, RECEIVED_LENGTH_MAX)}…` : text;
}
