import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
} from 'yaml';
import { type ConfigDraft, type Source, valueOfText } from './draft.ts';
import { nearestName } from './nearest-name.ts';
import { childOf, type Path, type SchemaNode, showPath } from './schema-node.ts';

const REFERENCE = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}/g;

export interface YamlFile {
  readonly file: string;
  readonly text: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Lays a YAML file over the draft. Unknown keys, duplicate keys and syntax errors become problems. */
export function layFile(
  draft: ConfigDraft,
  root: SchemaNode,
  file: YamlFile,
  environment: Environment,
): void {
  const lines = new LineCounter();
  const document = parseDocument(file.text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
  });
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    draft.problem([], `not valid YAML: ${error.message}`, {
      kind: 'file',
      file: file.file,
      line,
      column: col,
    });
  }
  if (document.errors.length > 0 || document.contents === null) return;
  new YamlReader({ draft, file: file.file, lines, document, environment }).read(
    document.contents,
    root,
  );
}

interface ReaderOptions {
  readonly draft: ConfigDraft;
  readonly file: string;
  readonly lines: LineCounter;
  readonly document: Document.Parsed;
  readonly environment: Environment;
}

class YamlReader {
  readonly #draft: ConfigDraft;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #document: Document.Parsed;
  readonly #environment: Environment;

  constructor(options: ReaderOptions) {
    this.#draft = options.draft;
    this.#file = options.file;
    this.#lines = options.lines;
    this.#document = options.document;
    this.#environment = options.environment;
  }

  read(contents: ParsedNode, root: SchemaNode): void {
    if (!isMap(contents)) {
      this.#draft.problem(
        [],
        'expected sections, one per line as "name:"',
        this.#sourceOf(contents),
      );
      return;
    }
    this.#readMap(contents, root, []);
  }

  #readMap(map: Node, schema: SchemaNode, path: Path): void {
    if (!isMap(map)) return;
    for (const pair of map.items) {
      const keyNode = pair.key as Node;
      const key = String(isScalar(keyNode) ? keyNode.value : keyNode);
      const child = childOf(schema, key);
      const childPath = [...path, key];
      if (key === '<<' && isAlias(pair.value)) {
        this.#readMap(this.#resolve(pair.value), schema, path);
      } else if (child === undefined) {
        this.#unknownKey(keyNode, schema, childPath);
      } else {
        this.#readValue(pair.value as Node | null, child, childPath, keyNode);
      }
    }
  }

  #readValue(node: Node | null, schema: SchemaNode, path: Path, keyNode: Node): void {
    const source = this.#sourceOf(node ?? keyNode);
    const target = node === null ? null : this.#resolve(node);
    if (schema.properties !== undefined && (target === null || isNull(target))) {
      // "section:" with nothing under it takes the defaults.
      return;
    }
    if (schema.properties !== undefined && isMap(target)) {
      this.#draft.note(path, source);
      this.#readMap(target, schema, path);
      return;
    }
    this.#draft.replaceSources(path, source);
    this.#draft.set(path, this.#valueOf(target, schema, path), source);
  }

  /** The JavaScript value of a node that replaces whatever was at this path. */
  #valueOf(unresolved: Node | null, schema: SchemaNode | undefined, path: Path): unknown {
    const node = unresolved === null ? null : this.#resolve(unresolved);
    if (node === null) return null;
    this.#draft.note(path, this.#sourceOf(node));
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const key = String(index);
        return this.#valueOf(item as Node, schema && childOf(schema, key), [...path, key]);
      });
    }
    if (isMap(node)) return this.#objectOf(node, schema, path);
    if (!isScalar(node)) return undefined;
    if (typeof node.value !== 'string') return node.value;
    return this.#textValue(node.value, schema, path, node);
  }

  #objectOf(node: Node, schema: SchemaNode | undefined, path: Path): unknown {
    if (!isMap(node)) return undefined;
    const entries: [string, unknown][] = [];
    for (const pair of node.items) {
      const keyNode = pair.key as Node;
      const key = String(isScalar(keyNode) ? keyNode.value : keyNode);
      const child = schema && childOf(schema, key);
      if (child === undefined && schema?.properties !== undefined) {
        this.#unknownKey(keyNode, schema, [...path, key]);
        continue;
      }
      entries.push([key, this.#valueOf(pair.value as Node | null, child, [...path, key])]);
    }
    return Object.fromEntries(entries);
  }

  #textValue(text: string, schema: SchemaNode | undefined, path: Path, node: Node): unknown {
    if (!text.includes('${')) return text;
    let isWhole = true;
    const replaced = text.replace(
      REFERENCE,
      (
        whole: string,
        escaped: string | undefined,
        name: string | undefined,
        fallback: string | undefined,
      ) => {
        if (escaped !== undefined || name === undefined) {
          isWhole = false;
          return escaped ?? whole;
        }
        const value = this.#environment[name] || fallback;
        if (value !== undefined) return value;
        const message = `environment variable ${name} is not set and \${${name}} gives no default`;
        this.#draft.problem(
          path,
          `${message}; set it or write \${${name}:default}`,
          this.#sourceOf(node),
        );
        return '';
      },
    );
    return isWhole && schema !== undefined ? valueOfText(replaced, schema) : replaced;
  }

  #unknownKey(keyNode: Node, schema: SchemaNode, path: Path): void {
    const names = Object.keys(schema.properties ?? {});
    const nearest = nearestName(path.at(-1) as string, names);
    const hint =
      nearest === undefined
        ? `known here: ${names.join(', ')}`
        : `did you mean ${showPath([...path.slice(0, -1), nearest])}?`;
    const what = path.length === 1 ? 'unknown section' : 'unknown key';
    this.#draft.problem(path, `${what}; ${hint}`, this.#sourceOf(keyNode));
  }

  #resolve(node: Node): Node {
    return isAlias(node) ? (node.resolve(this.#document) ?? node) : node;
  }

  #sourceOf(node: Node): Source {
    const { line, col } = this.#lines.linePos(node.range?.[0] ?? 0);
    return { kind: 'file', file: this.#file, line, column: col };
  }
}

function isNull(node: Node): boolean {
  return isScalar(node) && node.value === null;
}
