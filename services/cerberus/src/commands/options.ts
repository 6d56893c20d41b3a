import { faultOf } from '@cerberus/core';
import { CLI_ERRORS } from './errors.ts';
import { faulty, finiteNumber } from './input.ts';

function refuse(flag: string, expected: string, received: string): never {
  throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path: flag, expected, received }));
}

/** A number given as a flag. */
export function numberFlag(flag: string, text: string): number {
  return finiteNumber(text) ?? refuse(flag, 'a finite number', text);
}

export function wholeFlag(
  flag: string,
  text: string,
  [low, high]: readonly [number, number],
): number {
  const value = numberFlag(flag, text);
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  return refuse(flag, `a whole number from ${low} to ${high}`, text);
}

/** Numbers separated by commas. */
export function numberListFlag(flag: string, text: string): number[] {
  return text.split(',').map((part) => numberFlag(flag, part.trim()));
}

export function choiceFlag<T extends string>(flag: string, text: string, choices: readonly T[]): T {
  return (
    choices.find((each) => each === text) ?? refuse(flag, `one of ${choices.join(', ')}`, text)
  );
}

/** As `numberListFlag`, every number at or above a bound (above it where `isOpen`). */
export function boundedListFlag(
  flag: string,
  text: string,
  { low, isOpen }: { readonly low: number; readonly isOpen: boolean },
): number[] {
  const values = numberListFlag(flag, text);
  const outside = values.find((value) => (isOpen ? value <= low : value < low));
  if (outside === undefined) return values;
  return refuse(flag, `numbers ${isOpen ? 'above' : 'from'} ${low}`, String(outside));
}

/** `NAME=value` pairs of a flag that may be repeated. */
export function pairsFlag(flag: string, texts: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const [, name, value] =
      /^([A-Za-z0-9_.-]+)=(.+)$/.exec(text) ?? refuse(flag, 'NAME=value', text);
    if (pairs.has(name!)) refuse(flag, 'each name once', text);
    pairs.set(name!, value!);
  }
  return pairs;
}

/** Collects the values of a flag that may be repeated. */
export function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
