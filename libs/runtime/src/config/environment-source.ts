import { type ConfigDraft, valueOfText } from './draft.ts';
import { nearestName } from './nearest-name.ts';
import { environmentName, type SchemaNode, settingsOf } from './schema-node.ts';

/**
 * Lays `CERBERUS_<SECTION>_<KEY>` variables over the draft. An empty variable counts as not set, as
 * compose files pass on unset ones. A variable that begins like a section but names no key of it is
 * a problem: a misspelt limit must not be silently without effect.
 */
export function layEnvironment(
  draft: ConfigDraft,
  root: SchemaNode,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const known = new Set<string>();
  for (const { path, node } of settingsOf(root)) {
    const name = environmentName(path);
    known.add(name);
    const text = environment[name];
    if (text === undefined || text === '') continue;
    const source = { kind: 'environment', name } as const;
    draft.replaceSources(path, source);
    draft.set(path, valueOfText(text, node), source);
  }
  const prefixes = Object.keys(root.properties ?? {}).map(
    (section) => `${environmentName([section])}_`,
  );
  for (const name of Object.keys(environment)) {
    if (known.has(name) || !prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const nearest = nearestName(name, known);
    const hint =
      nearest === undefined ? 'see docs/config.md for the names' : `did you mean ${nearest}?`;
    draft.problem([name], `unknown environment variable; ${hint}`);
  }
}
