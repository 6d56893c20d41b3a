import type { EpochUs } from '@cerberus/core';
import type { Limit } from '@cerberus/schema';
import { reportNumber } from './fixed-point.ts';

/** What an order can be limited by. */
export interface LimitTarget {
  readonly accountId: string;
  readonly strategyId: string | null;
  readonly underlying: string;
  readonly instrumentId: string;
  readonly symbol: string;
}

/** Units a limit may be given in. Anything else is not guessed at: the check it belongs to blocks. */
export const LIMIT_UNITS = [
  'quantity',
  'USD',
  'bps',
  'multiple',
  'ms',
  'orders/s',
  'orders/min',
] as const;
export type LimitUnit = (typeof LIMIT_UNITS)[number];

/** A kind of limit that a check reads. */
export interface LimitDeclaration {
  readonly type: string;
  readonly units: readonly LimitUnit[];
  /** Which of two limits binds; `smaller` where absent. */
  readonly tighter?: 'smaller' | 'larger';
}

export interface Bound {
  readonly units: bigint;
  readonly number: number;
  /** e.g. `ACCOUNT:demo`. */
  readonly scope: string;
}

/** The tightest hard and the tightest soft limit that apply, each with where it came from. */
export interface ResolvedLimit {
  readonly unit: LimitUnit;
  readonly hard: Bound | null;
  readonly soft: Bound | null;
}

/** Matches every id of a scope. */
export const ANY = '*';

/** Resolved sets kept; all are dropped when one more is asked for. */
const RESOLVED_SETS_MAX = 20_000;

/** Future versions of one limit kept; the one furthest ahead gives way to a newer record. */
const WAITING_VERSIONS_MAX = 16;

interface Slot {
  current: Limit | undefined;
  /** By effective time. */
  readonly waiting: Limit[];
}

/** Limits that hold for one target, by type and unit. */
export class ResolvedLimits {
  readonly #bySlot = new Map<string, ResolvedLimit>();
  readonly #invalid = new Map<string, string>();

  /** The limit of a type, where one is configured in the unit. */
  get(type: string, unit: LimitUnit): ResolvedLimit | undefined {
    return this.#bySlot.get(`${type}/${unit}`);
  }

  /** Id of a limit of the type that applies but cannot be understood. */
  invalid(type: string): string | undefined {
    return this.#invalid.get(type);
  }

  add(limit: Limit, declaration: LimitDeclaration): void {
    const unit = declaration.units.find((each) => each === limit.unit);
    const negative = (limit.hard ?? 0n) < 0n || (limit.soft ?? 0n) < 0n;
    if (unit === undefined || negative) {
      this.#invalid.set(limit.limit_type, limit.limit_id);
      return;
    }
    const key = `${limit.limit_type}/${unit}`;
    const known = this.#bySlot.get(key);
    const scope = `${limit.scope}:${limit.scope_id}`;
    const larger = declaration.tighter === 'larger';
    this.#bySlot.set(key, {
      unit,
      hard: tightest(known?.hard ?? null, bound(limit.hard, scope), larger),
      soft: tightest(known?.soft ?? null, bound(limit.soft, scope), larger),
    });
  }
}

/**
 * Limits by id with the tightest resolution per target. A limit whose effective time lies ahead
 * waits beside the one in force; where none was in force, none is.
 */
export class LimitBook {
  readonly #declarations: ReadonlyMap<string, LimitDeclaration>;
  readonly #slots = new Map<string, Slot>();
  #resolved = new Map<string, ResolvedLimits>();
  #nextChangeUs = Number.POSITIVE_INFINITY;

  constructor(declarations: readonly LimitDeclaration[]) {
    this.#declarations = new Map(declarations.map((each) => [each.type, each]));
  }

  set(limit: Limit): void {
    const slot = this.#slots.get(limit.limit_id) ?? { current: undefined, waiting: [] };
    // A newer record replaces what would have taken effect at its time or after.
    while ((slot.waiting.at(-1)?.effective_time ?? -1) >= limit.effective_time) slot.waiting.pop();
    if (slot.waiting.length >= WAITING_VERSIONS_MAX) slot.waiting.pop();
    slot.waiting.push(limit);
    this.#slots.set(limit.limit_id, slot);
    this.#nextChangeUs = Math.min(this.#nextChangeUs, limit.effective_time);
  }

  delete(limitId: string): void {
    this.#slots.delete(limitId);
    this.#resolved.clear();
  }

  /** Underlying or symbol of an instrument may have changed: which limits apply is found anew. */
  retarget(): void {
    this.#resolved.clear();
  }

  get size(): number {
    return this.#slots.size;
  }

  /** In force, then waiting. */
  *values(): IterableIterator<Limit> {
    for (const { current, waiting } of this.#slots.values()) {
      if (current !== undefined) yield current;
      yield* waiting;
    }
  }

  resolve(target: LimitTarget, nowUs: EpochUs | number): ResolvedLimits {
    if (nowUs >= this.#nextChangeUs) this.#takeEffect(nowUs);
    const key = `${target.accountId}|${target.strategyId ?? ''}|${target.instrumentId}`;
    const known = this.#resolved.get(key);
    if (known !== undefined) return known;
    if (this.#resolved.size >= RESOLVED_SETS_MAX) this.#resolved = new Map();
    const resolved = new ResolvedLimits();
    for (const { current } of this.#slots.values()) {
      if (current === undefined || !current.enabled || !applies(current, target)) continue;
      const declaration = this.#declarations.get(current.limit_type);
      if (declaration !== undefined) resolved.add(current, declaration);
    }
    this.#resolved.set(key, resolved);
    return resolved;
  }

  #takeEffect(nowUs: number): void {
    this.#nextChangeUs = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots.values()) {
      while (slot.waiting[0] !== undefined && slot.waiting[0].effective_time <= nowUs) {
        slot.current = slot.waiting.shift();
      }
      const next = slot.waiting[0]?.effective_time ?? Number.POSITIVE_INFINITY;
      this.#nextChangeUs = Math.min(this.#nextChangeUs, next);
    }
    this.#resolved.clear();
  }
}

function applies({ scope, scope_id: id }: Limit, target: LimitTarget): boolean {
  if (scope === 'FIRM') return true;
  if (scope === 'STRATEGY') {
    return target.strategyId !== null && (id === ANY || id === target.strategyId);
  }
  if (id === ANY) return true;
  if (scope === 'ACCOUNT') return id === target.accountId;
  if (scope === 'UNDERLYING') return id === target.underlying;
  return id === target.instrumentId || id === target.symbol;
}

function bound(units: bigint | null, scope: string): Bound | null {
  return units === null ? null : { units, number: reportNumber(units), scope };
}

function tightest(a: Bound | null, b: Bound | null, larger: boolean): Bound | null {
  if (a === null || b === null) return a ?? b;
  return a.units < b.units === larger ? b : a;
}
