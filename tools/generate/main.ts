// Writes every generated file, or with --check fails when one differs from what is committed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderAccess, renderAccessDocs, renderAclScript } from './access.ts';
import { renderConfigDocs } from './config.ts';
import { renderErrorDocs } from './errors.ts';
import { renderMessages } from './messages.ts';
import { readProto } from './proto.ts';
import { renderKernels } from './simd.ts';
import { renderCreateScript, renderSchemas, renderTopicDocs, renderTopics } from './topics.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const check = process.argv.includes('--check');

const proto = readProto(root);
const files: Record<string, string> = {
  'libs/schema/src/generated/access.ts': renderAccess(proto),
  'libs/schema/src/generated/messages.ts': renderMessages(proto),
  'libs/schema/src/generated/schemas.ts': renderSchemas(proto),
  'libs/schema/src/generated/topics.ts': renderTopics(proto),
  'libs/simd/src/generated/kernels.wasm.ts': await renderKernels(root),
  'docs/topics.md': `${renderTopicDocs(proto)}\n${renderAccessDocs(proto)}`,
  'docs/config.md': renderConfigDocs(),
  'docs/errors.md': await renderErrorDocs(root),
  'deploy/topics/create-topics.sh': renderCreateScript(proto),
  'deploy/topics/create-acls.sh': renderAclScript(proto),
};

let stale = 0;
for (const [path, text] of Object.entries(files)) {
  const target = join(root, path);
  if (check) {
    if (currentText(target) === text) continue;
    stale += 1;
    console.error(`${path} differs from its source: run \`npm run generate\``);
  } else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, path.endsWith('.sh') ? { mode: 0o755 } : {});
  }
}
console.log(
  check
    ? `generated files: ${Object.keys(files).length - stale} current, ${stale} stale`
    : `wrote ${Object.keys(files).length} files`,
);
process.exit(stale === 0 ? 0 : 1);

function currentText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
