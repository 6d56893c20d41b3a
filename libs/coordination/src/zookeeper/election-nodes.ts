import { epochUs } from '@cerberus/core';
import type { LeaderRecord } from '../port.ts';

/** Nodes of one name: ephemeral candidates in order of entry, and the term with its counted version. */
export interface ElectionPaths {
  readonly candidates: string;
  readonly term: string;
}

export function pathsOf(root: string, name: string): ElectionPaths {
  const base = `${root}/${encodeURIComponent(name)}`;
  return { candidates: `${base}/candidates`, term: `${base}/term` };
}

/** The ten digits that the ensemble appends. */
export function sequenceOf(node: string): number {
  return Number(node.slice(-10));
}

/** `base` is added to the version of the node: a wiped ensemble counts versions from the start. */
export function termData(record: LeaderRecord, candidate: string, base: number): Buffer {
  return Buffer.from(JSON.stringify({ ...record, candidate, base }));
}

/** The same term, with tokens from now on above those that the version alone would give. */
export function liftedTermData(data: Buffer, base: number): Buffer {
  return Buffer.from(JSON.stringify({ ...objectOf(data), base }));
}

export function baseOf(data: Buffer): number {
  const base = objectOf(data)?.['base'];
  return typeof base === 'number' && Number.isSafeInteger(base) && base > 0 ? base : 0;
}

export function candidateData(instanceId: string): Buffer {
  return Buffer.from(JSON.stringify({ instanceId }));
}

export function instanceOf(data: Buffer): string | undefined {
  const instanceId = objectOf(data)?.['instanceId'];
  return typeof instanceId === 'string' ? instanceId : undefined;
}

/** Undefined where nobody has led yet, or another wrote what we do not know. */
export function readTerm(
  data: Buffer,
): { readonly record: LeaderRecord; readonly candidate: string } | undefined {
  const parsed = objectOf(data);
  if (parsed === undefined) return undefined;
  const { name, instanceId, token, electedAtUs, candidate } = parsed;
  if (typeof name !== 'string' || typeof instanceId !== 'string') return undefined;
  if (typeof token !== 'number' || typeof electedAtUs !== 'number') return undefined;
  if (typeof candidate !== 'string') return undefined;
  return { record: { name, instanceId, token, electedAtUs: epochUs(electedAtUs) }, candidate };
}

function objectOf(data: Buffer): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(data.toString());
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Another wrote what we do not know.
  }
  return undefined;
}
