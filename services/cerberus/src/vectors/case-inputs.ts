import { CerberusError } from '@cerberus/core';
import type { VectorFile } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** A number of a case's inputs; anything else becomes NaN, which every kernel refuses by name. */
export function numberOf(inputs: Inputs, name: string): number {
  const value = inputs[name];
  return typeof value === 'number' ? value : Number.NaN;
}

export function textOf(inputs: Inputs, name: string): string {
  return String(inputs[name]);
}

/** An array of numbers given in the inputs themselves. */
export function numbersOf(inputs: Inputs, name: string): number[] {
  const value = inputs[name];
  return Array.isArray(value) ? value.map(Number) : [];
}

/** A series of the file that the inputs name under `reference`. */
export function seriesOf(inputs: Inputs, file: VectorFile, reference: string): number[] {
  return rowsOf(inputs, file, reference) as unknown as number[];
}

/** A series of rows; see `seriesOf`. */
export function rowsOf(inputs: Inputs, file: VectorFile, reference: string): number[][] {
  const series = file.series?.[textOf(inputs, reference)];
  return Array.isArray(series) ? (series as number[][]) : [];
}

/** The columns of a series of rows. */
export function columnsOf(rows: readonly (readonly number[])[]): number[][] {
  return (rows[0] ?? []).map((_, j) => rows.map((row) => row[j] ?? Number.NaN));
}

/** The values of a case, or the code of the first fault met while computing them. */
export function valuesOrCode(
  compute: () => Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  try {
    return compute();
  } catch (error) {
    if (error instanceof CerberusError) return { error: error.code };
    throw error;
  }
}
