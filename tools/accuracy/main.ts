// Runs `cerberus vectors` over a folder of reference vectors, applies each file's own tolerance and
// writes docs/accuracy.md; fails when a case lies outside.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accuracyPage } from './page.ts';
import { judgeFolder } from './verdict.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const shared = process.env['CERBERUS_SHARED_DIR'] ?? join(root, '..', 'shared');
const folder = process.argv[2] ?? join(shared, 'vectors');
if (!existsSync(folder)) {
  console.error(`no reference vectors at ${folder}: give their folder or set CERBERUS_SHARED_DIR`);
  process.exit(2);
}

const scratch = mkdtempSync(join(tmpdir(), 'cerberus-accuracy-'));
try {
  const out = join(scratch, 'computed.ndjson');
  const cli = join(root, 'services', 'cerberus', 'src', 'main.ts');
  const run = spawnSync(process.execPath, [cli, 'vectors', '--in', folder, '--out', out], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
  const verdicts = judgeFolder(folder, readFileSync(out, 'utf8'));
  writeFileSync(join(root, 'docs', 'accuracy.md'), accuracyPage(verdicts));
  const cases = verdicts.reduce((sum, verdict) => sum + verdict.cases, 0);
  const inside = verdicts.reduce((sum, verdict) => sum + verdict.inside, 0);
  for (const { outside } of verdicts) for (const text of outside) console.error(text);
  console.log(`${inside} of ${cases} cases inside tolerance; wrote docs/accuracy.md`);
  process.exitCode = inside === cases ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
