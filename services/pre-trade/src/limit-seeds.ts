import { type Bus, LedgerWriter, outgoingRecord, type TableView } from '@cerberus/bus';
import { CerberusError, type Decimal, type EpochUs, faultOf, parseDecimal } from '@cerberus/core';
import { LIMIT_DECLARATIONS } from '@cerberus/limits';
import type { HostContext } from '@cerberus/runtime';
import type { Codecs, Limit } from '@cerberus/schema';
import type { LimitSeed } from './config.ts';
import { PRE_TRADE_ERRORS } from './errors.ts';

const PROPOSER = 'configuration';

/** Configured limits as records; throws a message that names the one that is wrong, and how. */
export function limitsOf(seeds: readonly LimitSeed[], effectiveTime: EpochUs): Limit[] {
  const limits = seeds.map((seed, index) => limitOf(seed, index, effectiveTime));
  const ids = new Set<string>();
  for (const [index, { limit_id: id }] of limits.entries()) {
    if (ids.has(id)) throw invalid(index, 'an id that no other limit has', id);
    ids.add(id);
  }
  return limits;
}

/** Writes the limits whose ids the table has never held, and waits until it holds them. */
export async function seedLimits(
  host: HostContext & { readonly bus: Bus; readonly codecs: Codecs },
  table: TableView<'control.limit'>,
  limits: readonly Limit[],
): Promise<number> {
  await table.caughtUp;
  const missing = limits.filter(({ limit_id: id }) => table.get(id) === undefined);
  if (missing.length === 0) return 0;
  const waiting = new Set(missing.map(({ limit_id: id }) => id));
  const arrived = new Promise<void>((resolve) => {
    const stop = table.onChange((key) => {
      waiting.delete(key);
      if (waiting.size > 0) return;
      stop();
      resolve();
    });
  });
  const writer = new LedgerWriter({ bus: host.bus, host, id: 'pre-trade-limits' });
  try {
    await writer.append(
      missing.map((value) => outgoingRecord(host.codecs, { topic: 'control.limit', value })),
    );
  } finally {
    await writer.close();
  }
  await arrived;
  return missing.length;
}

function limitOf(seed: LimitSeed, index: number, effectiveTime: EpochUs): Limit {
  const declaration = LIMIT_DECLARATIONS.find(({ type }) => type === seed.type);
  if (declaration === undefined) {
    const types = [...new Set(LIMIT_DECLARATIONS.map(({ type }) => type))];
    throw invalid(index, `a type of ${types.join(', ')}`, seed.type);
  }
  if (!declaration.units.some((unit) => unit === seed.unit)) {
    throw invalid(index, `a unit of ${declaration.units.join(', ')}`, seed.unit);
  }
  const soft = amount(seed.soft, index);
  const hard = amount(seed.hard, index);
  if (soft === null && hard === null) throw invalid(index, 'a soft or a hard value', 'none');
  return {
    limit_id: `${seed.type}:${seed.scope}:${seed.scopeId}:${seed.unit}`,
    limit_type: seed.type,
    scope: seed.scope,
    scope_id: seed.scopeId,
    soft,
    hard,
    unit: seed.unit,
    enabled: true,
    effective_time: effectiveTime,
    proposed_by: PROPOSER,
    approved_by: PROPOSER,
    revision: 1,
  };
}

function amount(text: string | undefined, index: number): Decimal | null {
  if (text === undefined || text === '') return null;
  const parsed = parseDecimal(text);
  if (!parsed.ok || parsed.value < 0n) throw invalid(index, 'a decimal number of 0 or more', text);
  return parsed.value;
}

function invalid(index: number, expected: string, received: string): CerberusError {
  return new CerberusError(
    faultOf(PRE_TRADE_ERRORS.LIMIT_INVALID, {
      path: `pre-trade.limits[${index}]`,
      message: `expected ${expected}, got ${received}`,
      expected,
      received,
    }),
  );
}
