import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { RUNTIME_ERRORS } from '../errors.ts';
import { messageOf } from '../supervisor.ts';
import {
  ConfigDraft,
  isPlainObject,
  type Problem,
  type Source,
  showSource,
  valueOfText,
} from './draft.ts';
import { layEnvironment } from './environment-source.ts';
import { nearestName } from './nearest-name.ts';
import {
  nodeOf,
  type Path,
  type SchemaNode,
  type Sections,
  schemaAt,
  settingsOf,
  showPath,
} from './schema-node.ts';
import { validateDraft } from './validate.ts';
import { layFile, type YamlFile } from './yaml-source.ts';

export const DEFAULT_CONFIG_FILE = 'cerberus.yaml';

/** A value given on the command line and the option that gave it. */
export interface Override {
  readonly value: unknown;
  readonly option: string;
}

export interface LoadOptions<S extends Sections> {
  readonly sections: S;
  /** Must exist when given. Else `CERBERUS_CONFIG`, else `cerberus.yaml` of the working folder if there. */
  readonly file?: string | undefined;
  /** Instead of a file, for tests. */
  readonly yaml?: YamlFile;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Values of command-line options by path, e.g. `{'gateway.port': {value: '8080', option: '--port'}}`; text is read as the schema says. */
  readonly overrides?: Readonly<Record<string, Override>>;
  /**
   * A service run alone may be given the file of the whole platform: it ignores sections that are
   * not its own unless they look like a misspelling of one that is.
   */
  readonly foreignSections?: 'refuse' | 'ignore';
}

export type ConfigValues<S extends Sections> = { readonly [Name in keyof S]: Static<S[Name]> };

export interface LoadedConfig<S extends Sections> {
  readonly values: ConfigValues<S>;
  /** The file that was read, if any. */
  readonly file: string | undefined;
  /** Where the value of a key came from, e.g. `cerberus.yaml:3:9`. */
  sourceOf(path: string): string;
  /** False where the value is the default of the schema. */
  isSet(path: string): boolean;
  /** Everything, for a log or a person, without secrets. */
  redacted(): Record<string, unknown>;
}

/** Defaults, then file, then environment, then command line; all problems are reported at once. */
export function loadConfig<S extends Sections>(
  options: LoadOptions<S>,
): Result<LoadedConfig<S>, Fault> {
  const environment = options.environment ?? process.env;
  const root: SchemaNode = {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(options.sections).map(([name, section]) => [name, nodeOf(section)]),
    ),
  };
  const file = readFile(options, environment);
  if (!file.ok) return file;
  const draft = new ConfigDraft();
  layDefaults(draft, root);
  if (file.value !== undefined) layFile(draft, root, file.value, environment);
  layEnvironment(draft, root, environment);
  for (const [key, { value, option }] of Object.entries(options.overrides ?? {})) {
    layOverride(draft, root, key.split('.'), { value, option });
  }
  fillDefaults(draft, options.sections);
  validateDraft(draft, options.sections);
  const problems = draft.problems.filter((problem) => !isForeign(problem, options));
  if (problems.length > 0) return fail(invalidConfig(problems));
  const values = deepFreeze(draft.values) as ConfigValues<S>;
  return ok({
    values,
    file: file.value?.file,
    sourceOf: (path) => {
      const source: Source = draft.sourceOf(path.split('.')) ?? { kind: 'default' };
      return showSource(source);
    },
    isSet: (path) => (draft.sourceOf(path.split('.'))?.kind ?? 'default') !== 'default',
    redacted: () => redact(draft.values, root) as Record<string, unknown>,
  });
}

function readFile(
  options: LoadOptions<Sections>,
  environment: Readonly<Record<string, string | undefined>>,
): Result<YamlFile | undefined> {
  if (options.yaml !== undefined) return ok(options.yaml);
  const chosen = options.file ?? (environment['CERBERUS_CONFIG'] || undefined);
  const path = resolve(chosen ?? DEFAULT_CONFIG_FILE);
  if (chosen === undefined && !existsSync(path)) return ok(undefined);
  const near = relative(process.cwd(), path);
  const file = near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
  try {
    return ok({ file, text: readFileSync(path, 'utf8') });
  } catch (error) {
    const message = `configuration file ${path} cannot be read: ${messageOf(error)}`;
    return fail(faultOf(RUNTIME_ERRORS.CONFIG_UNREADABLE, { message }));
  }
}

function layDefaults(draft: ConfigDraft, root: SchemaNode): void {
  for (const name of Object.keys(root.properties ?? {})) draft.set([name], {}, { kind: 'default' });
  layObjectDefaults(draft, root, []);
}

function layObjectDefaults(draft: ConfigDraft, node: SchemaNode, path: Path): void {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const childPath = [...path, key];
    if (child.default !== undefined) {
      draft.set(childPath, structuredClone(child.default), { kind: 'default' });
    } else if (
      child.properties !== undefined &&
      (path.length === 0 || node.required?.includes(key))
    ) {
      // An optional object stays absent unless somebody sets a part of it.
      draft.set(childPath, {}, { kind: 'default' });
      layObjectDefaults(draft, child, childPath);
    }
  }
}

/** Defaults of parts that are there only since somebody set them: optional mappings, items of lists. */
function fillDefaults(draft: ConfigDraft, sections: Sections): void {
  for (const [name, schema] of Object.entries(sections)) {
    draft.values[name] = Value.Default(schema, draft.values[name]);
  }
}

function layOverride(draft: ConfigDraft, root: SchemaNode, path: Path, override: Override): void {
  const { value, option } = override;
  const source = { kind: 'command line', option } as const;
  const schema = schemaAt(root, path);
  if (schema === undefined) {
    const nearest = nearestName(
      showPath(path),
      [...settingsOf(root)].map((setting) => showPath(setting.path)),
    );
    draft.problem(
      path,
      `unknown key${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
      source,
    );
    return;
  }
  draft.replaceSources(path, source);
  draft.set(path, typeof value === 'string' ? valueOfText(value, schema) : value, source);
}

function isForeign(problem: Problem, options: LoadOptions<Sections>): boolean {
  if (options.foreignSections !== 'ignore' || problem.source?.kind !== 'file') return false;
  const [section] = problem.path;
  if (
    problem.path.length !== 1 ||
    section === undefined ||
    Object.hasOwn(options.sections, section)
  )
    return false;
  return nearestName(section, Object.keys(options.sections)) === undefined;
}

function invalidConfig(problems: readonly Problem[]): Fault {
  const lines = problems.map(({ path, message, source }) => {
    const key = path.length === 0 ? '' : `${showPath(path)}: `;
    return `${key}${message}${source === undefined ? '' : ` (${showSource(source)})`}`;
  });
  const message =
    lines.length === 1 ? (lines[0] as string) : `${lines.length} problems\n  ${lines.join('\n  ')}`;
  return faultOf(RUNTIME_ERRORS.CONFIG_INVALID, { message: `configuration: ${message}` });
}

function redact(value: unknown, node: SchemaNode | undefined): unknown {
  if (node?.secret === true) return value === undefined || value === '' ? value : '[redacted]';
  if (Array.isArray(value)) return value.map((item) => redact(item, node?.items));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const pattern = Object.values(node?.patternProperties ?? {})[0];
      return [key, redact(part, node?.properties?.[key] ?? pattern)];
    }),
  );
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
