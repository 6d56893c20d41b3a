import { choicesOf, type Path, type SchemaNode, showPath } from './schema-node.ts';

/** Where a value came from, for a person to find it. */
export type Source =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'command line'; readonly option: string };

export interface Problem {
  readonly path: Path;
  readonly message: string;
  readonly source?: Source;
}

export function showSource(source: Source): string {
  switch (source.kind) {
    case 'default':
      return 'the default';
    case 'file':
      return `${source.file}:${source.line}:${source.column}`;
    case 'environment':
      return `environment variable ${source.name}`;
    case 'command line':
      return `command line ${source.option}`;
  }
}

/** A configuration in the making: values laid over each other, each remembering its source. */
export class ConfigDraft {
  readonly values: Record<string, unknown> = {};
  readonly problems: Problem[] = [];
  readonly #sources = new Map<string, Source>();

  set(path: Path, value: unknown, source: Source): void {
    let target = this.values;
    for (const key of path.slice(0, -1)) {
      const next = Object.hasOwn(target, key) ? target[key] : undefined;
      if (isPlainObject(next)) {
        target = next;
      } else {
        const fresh = {};
        define(target, key, fresh);
        target = fresh;
      }
    }
    define(target, path.at(-1) as string, value);
    this.note(path, source);
  }

  /** Forgets what was known of the parts below: they belong to a value that was replaced. */
  replaceSources(path: Path, source: Source): void {
    const prefix = `${showPath(path)}.`;
    for (const known of this.#sources.keys())
      if (known.startsWith(prefix)) this.#sources.delete(known);
    this.note(path, source);
  }

  note(path: Path, source: Source): void {
    this.#sources.set(showPath(path), source);
  }

  /** Source of the value at a path, or of what contains it. */
  sourceOf(path: Path): Source | undefined {
    for (let length = path.length; length > 0; length -= 1) {
      const source = this.#sources.get(showPath(path.slice(0, length)));
      if (source !== undefined) return source;
    }
    return undefined;
  }

  problem(path: Path, message: string, source?: Source): void {
    this.problems.push({ path, message, ...(source === undefined ? {} : { source }) });
  }
}

/** Own property also where the key is `__proto__`. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value that a text from the environment means under a schema. Text that does not fit is
 * returned as it is: validation then says what was expected.
 */
export function valueOfText(text: string, node: SchemaNode): unknown {
  const trimmed = text.trim();
  if (node.type === 'string') return text;
  const choices = choicesOf(node);
  if (choices !== undefined) return choices.find((choice) => String(choice) === trimmed) ?? text;
  if (node.type === 'integer' || node.type === 'number') {
    const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed);
    return isNumber ? Number(trimmed) : text;
  }
  if (node.type === 'boolean')
    return trimmed === 'true' ? true : trimmed === 'false' ? false : text;
  if (node.type === 'null') return trimmed === 'null' ? null : text;
  if (node.anyOf !== undefined) return valueOfUnion(text, node.anyOf);
  return valueOfStructure(text, node);
}

function valueOfUnion(text: string, choices: readonly SchemaNode[]): unknown {
  for (const choice of choices) {
    if (choice.type === 'string' && choice.const === undefined) continue;
    const value = valueOfText(text, choice);
    if (value !== text) return value;
  }
  return text;
}

/** Lists and mappings are written as JSON; a list of simple values also with commas. */
function valueOfStructure(text: string, node: SchemaNode): unknown {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) {
    try {
      return JSON.parse(trimmed);
    } catch {
      return text;
    }
  }
  if (node.type !== 'array' || node.items === undefined) return text;
  const items = node.items;
  return trimmed.split(',').map((item) => valueOfText(item.trim(), items));
}
