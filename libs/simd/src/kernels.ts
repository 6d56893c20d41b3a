import { invariant } from '@cerberus/core';
import { KERNELS_WASM } from './generated/kernels.wasm.ts';

/** What `assembly/index.ts` exports; addresses are bytes of the instance's own memory. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  freeFrom(): number;
  greeks(base: number, capacity: number, count: number): number;
  prices(base: number, capacity: number, count: number): number;
  growth(returns: number, out: number, count: number): void;
  revalue(...values: readonly number[]): void;
  normals(...values: readonly number[]): void;
  europeanSums(...values: readonly number[]): void;
}

const PAGE_BYTES = 65_536;
/** A 32-bit memory has no more pages. */
const PAGES_MAX = 65_536;

let compiled: WebAssembly.Module | undefined;

/** The module is compiled on first use and shared by every instance. */
function kernelModule(): WebAssembly.Module {
  if (compiled === undefined) {
    const bytes = Uint8Array.from(atob(KERNELS_WASM), (character) => character.charCodeAt(0));
    compiled = new WebAssembly.Module(bytes);
  }
  return compiled;
}

/** An instance whose memory holds `bytes` from `base` on and never grows, so that views stay valid. */
export function instantiate(bytes: number): { kernels: KernelExports; base: number } {
  const instance = new WebAssembly.Instance(kernelModule());
  const kernels = instance.exports as unknown as KernelExports;
  const base = kernels.freeFrom();
  const pages = Math.ceil((base + bytes) / PAGE_BYTES);
  invariant(pages <= PAGES_MAX, 'a batch fits into the 4 GiB of a 32-bit memory');
  const missing = pages - kernels.memory.buffer.byteLength / PAGE_BYTES;
  if (missing > 0) kernels.memory.grow(missing);
  return { kernels, base };
}

/** Pairs are computed together, so that columns have an even number of rows. */
export function evenRows(count: number): number {
  invariant(Number.isSafeInteger(count) && count > 0, 'a capacity is a positive whole number');
  return count + (count % 2);
}
