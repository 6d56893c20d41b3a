import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deviation } from './deviation.ts';
import { type Case, RULES } from './rules.ts';

export interface Verdict {
  readonly file: string;
  readonly statement: string;
  readonly cases: number;
  readonly inside: number;
  /** Largest error over tolerance and where it is. */
  readonly worst: Deviation & { readonly id: string };
  readonly outside: readonly string[];
}

type Line = Readonly<Record<string, unknown>>;

/** Judges the lines of `cerberus vectors` against the `expected` values of the files of a folder. */
export function judgeFolder(folder: string, ndjson: string): Verdict[] {
  const lines = new Map<string, Line>();
  for (const text of ndjson.split('\n').filter((each) => each !== '')) {
    const line = JSON.parse(text) as Line;
    lines.set(`${line['file']} ${line['id']}`, line);
  }
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((file) => {
    const { cases } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { cases: Case[] };
    return judgeFile(file, cases, lines);
  });
}

function judgeFile(
  file: string,
  cases: readonly Case[],
  lines: ReadonlyMap<string, Line>,
): Verdict {
  const rule = RULES[file];
  const outside: string[] = [];
  let worst = { id: '', path: '', ratio: 0 };
  for (const item of cases) {
    const line = lines.get(`${file} ${item.id}`) ?? { error: 'no line' };
    const found = worstOf(rule?.judge(item, line) ?? [{ path: 'rule', ratio: Number.NaN }]);
    if (!(found.ratio <= 1)) {
      outside.push(
        `${file} ${item.id} ${found.path}: ${found.ratio} tolerances ${line['error'] ?? ''}`,
      );
    }
    if (!(found.ratio <= worst.ratio)) worst = { id: item.id, ...found };
  }
  const inside = cases.length - outside.length;
  const statement = rule?.statement ?? 'no rule';
  return { file, statement, cases: cases.length, inside, worst, outside };
}

/** The largest ratio; one that is not a number counts as infinite. */
function worstOf(deviations: readonly Deviation[]): Deviation {
  return deviations.reduce(
    (worst, { path, ratio }) => {
      const size = Number.isNaN(ratio) ? Number.POSITIVE_INFINITY : ratio;
      return size > worst.ratio ? { path, ratio: size } : worst;
    },
    { path: '', ratio: 0 },
  );
}
