import { Value } from 'typebox/value';
import type { ConfigDraft } from './draft.ts';
import {
  describeSchema,
  environmentName,
  nodeOf,
  type Path,
  type SchemaNode,
  type Sections,
  schemaAt,
} from './schema-node.ts';

const LONGEST_SHOWN = 60;

/** Checks every section and reports each wrong value once, with what was expected. */
export function validateDraft(draft: ConfigDraft, sections: Sections): void {
  for (const [section, schema] of Object.entries(sections)) {
    const value = draft.values[section];
    const root = nodeOf(schema);
    const reported = new Set<string>();
    for (const error of Value.Errors(schema, value)) {
      const path = [section, ...pointerKeys(error.instancePath)];
      const missing = (error.params as { requiredProperties?: string[] }).requiredProperties;
      if (error.keyword === 'required' && missing !== undefined) {
        for (const key of missing) reportMissing(draft, [...path, key], root, reported);
      } else {
        reportWrong(draft, choicePath(path, root), root, reported);
      }
    }
  }
}

/** Inside a union the error is of the union: which of its forms was meant cannot be known. */
function choicePath(path: Path, root: SchemaNode): Path {
  for (let length = 1; length < path.length; length += 1) {
    if (schemaAt(root, path.slice(1, length + 1))?.anyOf !== undefined)
      return path.slice(0, length + 1);
  }
  return path;
}

function reportMissing(
  draft: ConfigDraft,
  path: Path,
  root: SchemaNode,
  reported: Set<string>,
): void {
  if (isReported(path, reported)) return;
  const schema = schemaAt(root, path.slice(1));
  const expected = schema === undefined ? 'a value' : describeSchema(schema);
  const isSetting = !path.some((key) => /^\d+$/.test(key));
  const how = isSetting ? `; set it in the file or by ${environmentName(path)}` : '';
  draft.problem(path, `missing, expected ${expected}${how}`, draft.sourceOf(path));
}

function reportWrong(
  draft: ConfigDraft,
  path: Path,
  root: SchemaNode,
  reported: Set<string>,
): void {
  const schema = schemaAt(root, path.slice(1));
  // What the schema does not know is reported by whoever read it, or by the error of its parent.
  if (schema === undefined || isReported(path, reported)) return;
  const received = valueAt(draft.values, path);
  const shown = schema.secret === true ? '[redacted]' : shorten(received);
  draft.problem(path, `expected ${describeSchema(schema)}, got ${shown}`, draft.sourceOf(path));
}

function isReported(path: Path, reported: Set<string>): boolean {
  for (let length = 1; length <= path.length; length += 1) {
    if (reported.has(path.slice(0, length).join('\0'))) return true;
  }
  reported.add(path.join('\0'));
  return false;
}

function shorten(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

function valueAt(values: unknown, path: Path): unknown {
  let value = values;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** RFC 6901. */
function pointerKeys(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}
