import type { Verdict } from './verdict.ts';

/** The table of docs/accuracy.md. */
export function accuracyPage(verdicts: readonly Verdict[]): string {
  const total = (pick: (verdict: Verdict) => number) =>
    verdicts.reduce((sum, verdict) => sum + pick(verdict), 0);
  const [cases, inside] = [total((v) => v.cases), total((v) => v.inside)];
  return [
    '# Accuracy',
    '',
    `${inside} of ${cases} reference cases lie inside the tolerance that their file states. Written by \`npm run accuracy\`: it runs \`cerberus vectors\`, which computes every case from its inputs alone, then judges the lines. The references are closed forms in 25 to 60 digits, independent packages and printed tables.`,
    '',
    'An error of 1.00 tolerances would be the last one accepted; 0 means equal to the last bit.',
    '',
    '| file | cases | inside | worst error, in tolerances | where |',
    '|---|---:|---:|---:|---|',
    ...verdicts.map(row),
    '',
    '## Tolerances applied',
    '',
    ...verdicts.map(({ file, statement }) => `- \`${file}\`: ${statement}.`),
    '',
  ].join('\n');
}

function row({ file, cases, inside, worst }: Verdict): string {
  const where = worst.ratio === 0 ? '–' : `\`${worst.id}\` ${worst.path}`;
  const ratio = worst.ratio === 0 ? '0' : worst.ratio.toPrecision(2);
  return `| ${file} | ${cases} | ${inside} | ${ratio} | ${where} |`;
}
