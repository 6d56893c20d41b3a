import type { GateCheck } from './check.ts';
import { duplicateOrder } from './checks/duplicate-order.ts';
import { fatFinger } from './checks/fat-finger.ts';
import { gateReady } from './checks/gate-ready.ts';
import { instrumentRules } from './checks/instrument-rules.ts';
import { killSwitch } from './checks/kill-switch.ts';
import { marketState } from './checks/market-state.ts';
import { missingPrice } from './checks/missing-price.ts';
import { notional } from './checks/notional.ts';
import { orderRate } from './checks/order-rate.ts';
import { orderSize } from './checks/order-size.ts';
import { orderState } from './checks/order-state.ts';
import { position } from './checks/position.ts';
import { priceCollar } from './checks/price-collar.ts';
import { requestAge } from './checks/request-age.ts';
import { stalePrice } from './checks/stale-price.ts';
import { valueAtRisk } from './checks/value-at-risk.ts';
import type { LimitDeclaration } from './limit-book.ts';

/** Every check of the gate, in the order of a report. A check of one's own is one line here. */
export const CHECKS: readonly GateCheck[] = [
  gateReady,
  killSwitch,
  requestAge,
  orderState,
  instrumentRules,
  marketState,
  missingPrice,
  stalePrice,
  orderSize,
  notional,
  priceCollar,
  fatFinger,
  position,
  valueAtRisk,
  duplicateOrder,
  orderRate,
];

export const CHECK_NAMES: readonly string[] = CHECKS.map((check) => check.name);

export const LIMIT_DECLARATIONS: readonly LimitDeclaration[] = CHECKS.flatMap(
  (check) => check.limits,
);

/** The check that a caller means: by its name, or as the public contract writes it, `position_limit`. */
export function checkNamed(name: string): string | undefined {
  if (CHECK_NAMES.includes(name)) return name;
  const short = name.endsWith('_limit') ? name.slice(0, -'_limit'.length) : name;
  return CHECK_NAMES.includes(short) ? short : undefined;
}
