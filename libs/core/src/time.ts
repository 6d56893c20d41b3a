import type { Brand } from './brand.ts';

/** Microseconds since 1970-01-01T00:00:00Z. Exact in a double until the year 2255. */
export type EpochUs = Brand<number, 'EpochUs'>;

const MICROS_PER_MILLI = 1000;

export function epochUs(value: number): EpochUs {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`epoch microseconds must be a non-negative safe integer, got ${value}`);
  }
  return value as EpochUs;
}

export function epochUsFromMs(ms: number): EpochUs {
  return epochUs(Math.round(ms * MICROS_PER_MILLI));
}

/** ISO 8601 UTC with microseconds, e.g. `2024-08-08T23:54:15.208123Z`. */
export function formatEpochUs(value: EpochUs | number): string {
  const ms = Math.floor(value / MICROS_PER_MILLI);
  const micros = value - ms * MICROS_PER_MILLI;
  return `${new Date(ms).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}
