import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const ENTRY = 'libs/simd/assembly/index.ts';
const OUTPUT = 'kernels.wasm';

/**
 * The WebAssembly of `libs/simd/assembly` as a module of text. The compiler is pinned and takes no path
 * or time into its output, so that the same sources give the same bytes.
 */
export async function renderKernels(root: string): Promise<string> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      ENTRY,
      ...['--outFile', OUTPUT, '--optimizeLevel', '3', '--shrinkLevel', '0', '--noAssert'],
      ...['--enable', 'simd', '--runtime', 'stub'],
    ],
    {
      readFile: (name, base) => {
        try {
          return readFileSync(join(base === '.' ? root : join(root, base), name), 'utf8');
        } catch {
          // The compiler probes for files that need not be there.
          return null;
        }
      },
      writeFile: (name, contents) => {
        if (name === OUTPUT) binary = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) {
    throw new Error(`libs/simd/assembly does not compile: ${stderr.toString()}`);
  }
  const text = Buffer.from(binary).toString('base64');
  return `// Generated from libs/simd/assembly by \`npm run generate\`. Do not edit.\nexport const KERNELS_WASM =\n  '${text}';\n`;
}
