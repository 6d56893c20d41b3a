import { invariant } from '@cerberus/core';
import { KERNELS_WASM } from './generated/kernels.wasm.ts';

/** What `assembly/index.ts` exports; addresses are bytes of the instance's own memory. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  freeFrom(): number;
  greeks(base: number, capacity: number, count: number): number;
  prices(base: number, capacity: number, count: number): number;
  growth(returns: number, out: number, count: number): void;
  tabulate(): void;
  revalue(...values: readonly number[]): void;
  normals(...values: readonly number[]): void;
  setScheme(...values: readonly number[]): void;
  americanPrices(base: number, capacity: number, count: number): number;
  impliedVolatilities(base: number, capacity: number, count: number): number;
  europeanSums(...values: readonly number[]): void;
}

const PAGE_BYTES = 65_536;
/** A 32-bit memory has no more pages. */
const PAGES_MAX = 65_536;

let compiled: WebAssembly.Module | undefined;

function kernelBytes(): Uint8Array {
  return Uint8Array.from(atob(KERNELS_WASM), (character) => character.charCodeAt(0));
}

/** False where the engine or the processor has no 128-bit vectors: the scalar kernels then do all. */
export function isVectorised(): boolean {
  return compiled !== undefined || WebAssembly.validate(kernelBytes());
}

/** Memory for a kernel: `bytes` from `base` on. It never grows, so that views stay valid. */
export interface KernelMemory {
  /** Undefined where the scalar kernels do all. */
  readonly kernels: KernelExports | undefined;
  readonly buffer: ArrayBuffer;
  readonly base: number;
}

/** Memory with an instance of its own; the module is compiled on first use and shared. */
export function allocate(bytes: number, vectorised: boolean): KernelMemory {
  if (!vectorised) return { kernels: undefined, buffer: new ArrayBuffer(bytes), base: 0 };
  compiled ??= new WebAssembly.Module(kernelBytes());
  const instance = new WebAssembly.Instance(compiled);
  const kernels = instance.exports as unknown as KernelExports;
  const base = kernels.freeFrom();
  const pages = Math.ceil((base + bytes) / PAGE_BYTES);
  invariant(pages <= PAGES_MAX, 'a batch fits into the 4 GiB of a 32-bit memory');
  const missing = pages - kernels.memory.buffer.byteLength / PAGE_BYTES;
  if (missing > 0) kernels.memory.grow(missing);
  return { kernels, buffer: kernels.memory.buffer, base };
}

/** Pairs are computed together, so that columns have an even number of rows. */
export function evenRows(count: number): number {
  invariant(Number.isSafeInteger(count) && count > 0, 'a capacity is a positive whole number');
  return count + (count % 2);
}
