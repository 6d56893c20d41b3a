import { type Decimal, parseDecimal } from '@cerberus/core';
import { type InstrumentGrid, NOT_A_NUMBER, OFF_STEP, type StepCodec } from '../grid.ts';
import { type RefusedFrame, refused } from './frame-events.ts';

export type JsonObject = { readonly [key: string]: unknown };

/** Carries a refusal out of nested field readers; caught in `FrameParser`, never seen outside. */
export class FieldRefusal extends Error {
  readonly refusal: RefusedFrame;

  constructor(refusal: RefusedFrame) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function integerField(frame: JsonObject, key: string): number {
  const value = frame[key];
  if (value === undefined) throw missing(key);
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw bad(key, value);
  return value as number;
}

export function optionalInteger(frame: JsonObject, key: string): number | undefined {
  return frame[key] === undefined ? undefined : integerField(frame, key);
}

export function textField(frame: JsonObject, key: string): string {
  const value = frame[key];
  if (value === undefined) throw missing(key);
  if (typeof value !== 'string' || value === '') throw bad(key, value);
  return value;
}

export function booleanField(frame: JsonObject, key: string): boolean {
  const value = frame[key];
  if (value === undefined) throw missing(key);
  if (typeof value !== 'boolean') throw bad(key, value);
  return value;
}

export function objectField(frame: JsonObject, key: string): JsonObject {
  const value = frame[key];
  if (value === undefined) throw missing(key);
  if (!isObject(value)) throw bad(key, value);
  return value;
}

export function decimalField(frame: JsonObject, key: string): Decimal {
  const text = textField(frame, key);
  const parsed = parseDecimal(text);
  if (!parsed.ok) throw bad(key, text);
  return parsed.value;
}

/** Venues send an empty string where a value does not apply (delivery contracts: funding rate). */
export function optionalDecimal(frame: JsonObject, key: string): Decimal | undefined {
  const value = frame[key];
  return value === undefined || value === '' || value === null
    ? undefined
    : decimalField(frame, key);
}

export function countField(frame: JsonObject, key: string, codec: StepCodec): number {
  return countOf(textField(frame, key), codec, key);
}

export function levelsField(frame: JsonObject, key: string, grid: InstrumentGrid): number[] {
  const value = frame[key];
  if (value === undefined) throw missing(key);
  if (!Array.isArray(value)) throw bad(key, value);
  const levels: number[] = new Array(value.length * 2);
  for (let i = 0; i < value.length; i += 1) {
    const level: unknown = value[i];
    if (!Array.isArray(level) || level.length < 2) throw bad(`${key}[${i}]`, level);
    levels[2 * i] = countOf(level[0], grid.price, `${key}[${i}][0]`);
    levels[2 * i + 1] = countOf(level[1], grid.quantity, `${key}[${i}][1]`);
  }
  return levels;
}

function countOf(text: unknown, codec: StepCodec, where: string): number {
  if (typeof text !== 'string') throw bad(where, text);
  const count = codec.parse(text);
  if (count >= 0) return count;
  if (count === NOT_A_NUMBER) throw bad(where, text);
  const code = count === OFF_STEP ? 'off_grid' : 'out_of_range';
  throw new FieldRefusal(refused(code, `${where}: ${text.slice(0, DETAIL_LENGTH)}`));
}

const DETAIL_LENGTH = 60;

function missing(key: string): FieldRefusal {
  return new FieldRefusal(refused('missing_field', key));
}

function bad(key: string, value: unknown): FieldRefusal {
  const shown = JSON.stringify(value) ?? 'undefined';
  return new FieldRefusal(refused('bad_field', `${key}: ${shown.slice(0, DETAIL_LENGTH)}`));
}
