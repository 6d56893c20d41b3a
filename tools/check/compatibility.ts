import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import avro from 'avsc';
import type { Finding } from './finding.ts';

/** Versions looked back per schema; older ones have left every topic's retention. */
const VERSIONS_MAX = 50;

/** Today's schemas must read what any committed version of them wrote. */
export function checkCompatibility(root: string): Finding[] {
  const folder = join(root, 'proto');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.avsc'))
    .sort()
    .flatMap((name) => {
      const path = `proto/${name}`;
      const today = readFileSync(join(root, path), 'utf8');
      return committedVersions(root, path).flatMap(({ commit, text }) => {
        const reason = incompatibility(today, text);
        if (reason === undefined) return [];
        const message = `cannot read what commit ${commit.slice(0, 10)} wrote: ${reason}`;
        return [{ path, rule: 'schema-compatibility', message }];
      });
    });
}

export function incompatibility(readerText: string, writerText: string): string | undefined {
  const parse = (text: string) => avro.Type.forSchema(JSON.parse(text), { registry: {} });
  try {
    parse(readerText).createResolver(parse(writerText));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function committedVersions(root: string, path: string): { commit: string; text: string }[] {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return git('log', `--max-count=${VERSIONS_MAX}`, '--format=%H', '--diff-filter=AM', '--', path)
    .split('\n')
    .filter((commit) => commit !== '')
    .map((commit) => ({ commit, text: git('show', `${commit}:${path}`) }));
}
