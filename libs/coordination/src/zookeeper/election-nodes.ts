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

export function termData(record: LeaderRecord, candidate: string): Buffer {
  return Buffer.from(JSON.stringify({ ...record, candidate }));
}

/** Undefined where nobody has led yet, or another wrote what we do not know. */
export function readTerm(
  data: Buffer,
): { readonly record: LeaderRecord; readonly candidate: string } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data.toString());
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { name, instanceId, token, electedAtUs, candidate } = parsed as Record<string, unknown>;
  if (typeof name !== 'string' || typeof instanceId !== 'string') return undefined;
  if (typeof token !== 'number' || typeof electedAtUs !== 'number') return undefined;
  if (typeof candidate !== 'string') return undefined;
  return { record: { name, instanceId, token, electedAtUs: epochUs(electedAtUs) }, candidate };
}
