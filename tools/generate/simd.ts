import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import binaryen from 'assemblyscript/binaryen';

const ENTRY = 'libs/simd/assembly/index.ts';
const OUTPUT = 'kernels.wasm';
/** Bytes at the start of the memory kept for the constants. */
const CONSTANT_BYTES = 8192;

/**
 * The WebAssembly of `libs/simd/assembly` as a module of text. The compiler is pinned and takes no path
 * or time into its output, so that the same sources give the same bytes.
 */
export async function renderKernels(root: string): Promise<string> {
  const binary = withConstantsInMemory(await compiled(root));
  const text = Buffer.from(binary).toString('base64');
  return `// Generated from libs/simd/assembly by \`npm run generate\`. Do not edit.\nexport const KERNELS_WASM =\n  '${text}';\n`;
}

async function compiled(root: string): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      ENTRY,
      ...['--outFile', OUTPUT, '--optimizeLevel', '3', '--shrinkLevel', '0', '--noAssert'],
      ...['--enable', 'simd', '--runtime', 'stub', '--memoryBase', `${CONSTANT_BYTES}`],
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
  return binary;
}

const VECTOR = /\(v128\.const i32x4((?: 0x[0-9a-f]{8}){4})\)/g;
const MEMORY = /\(memory \$0 \d+\)/;

/**
 * Turns every vector constant other than zero into a load from the start of the memory. V8 makes such a
 * constant anew at each use, in five instructions that pass through the integer registers; a load is one.
 * On the American kernel this is 15 %.
 */
function withConstantsInMemory(binary: Uint8Array): Uint8Array {
  const places = new Map<string, number>();
  const source = binaryen.readBinary(binary);
  source.setFeatures(binaryen.Features.All);
  const lines = source.emitText().split('\n');
  source.dispose();
  const text = lines
    // What a global starts with must stay a constant.
    .map((line) => (line.trimStart().startsWith('(global ') ? line : loading(line, places)))
    .join('\n');
  const bytes = [...places.keys()].flatMap(bytesOf);
  if (bytes.length > CONSTANT_BYTES) throw new Error('the constants of libs/simd need more room');
  if (!MEMORY.test(text)) throw new Error('libs/simd has no memory of its own');
  const data = bytes.map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  const target = binaryen.parseText(
    text.replace(MEMORY, () => `(memory $0 1) (data (i32.const 0) "${data}")`),
  );
  target.setFeatures(binaryen.Features.All);
  if (!target.validate()) throw new Error('libs/simd does not validate with constants in memory');
  const result = target.emitBinary();
  target.dispose();
  return result;
}

/** A line of text whose constants are loads, their places noted. */
function loading(line: string, places: Map<string, number>): string {
  return line.replace(VECTOR, (constant: string, words: string) => {
    if (!/[1-9a-f]/.test(words.replaceAll('0x', ''))) return constant;
    const known = places.get(words) ?? 16 * places.size;
    places.set(words, known);
    return `(v128.load offset=${known} (i32.const 0))`;
  });
}

/** Sixteen bytes of four words in hexadecimal, the lowest byte of each first. */
function bytesOf(words: string): number[] {
  return words
    .trim()
    .split(' ')
    .flatMap((word) => [0, 8, 16, 24].map((shift) => (Number(word) >>> shift) & 0xff));
}
