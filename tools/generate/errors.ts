import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueEntry } from '@cerberus/core';

/** Every catalogue of every library and service: the exports of `errors.ts` named `…_ERRORS`. */
export async function renderErrorDocs(root: string): Promise<string> {
  const files = globSync(
    ['libs/*/src/errors.ts', 'libs/core/src/decimal.ts', 'services/*/src/errors.ts'],
    {
      cwd: root,
    },
  ).sort();
  const entries: CatalogueEntry[] = [];
  for (const file of files) {
    const exported = (await import(join(root, file))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported)) {
      if (name.endsWith('_ERRORS'))
        entries.push(...Object.values(value as Record<string, CatalogueEntry>));
    }
  }
  const rows = entries
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, title, status, retry }) => `| \`${code}\` | ${title} | ${status} | ${retry} |`);
  return `# Error codes

Generated from the error catalogues by \`npm run generate\`. Codes are closed: a client may switch on them. *retry* says what repeating does: \`never\` fails again, \`later\` may succeed once a dependency is back, \`query-first\` means the outcome is unknown and must be asked for.

| code | meaning | HTTP | retry |
|---|---|---|---|
${rows.join('\n')}
`;
}
