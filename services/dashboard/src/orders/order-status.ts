import type { Order } from '../contract.ts';
import type { Tone } from '../display/figure.tsx';

const TERMINAL = new Set([
  'FILLED',
  'CANCELED',
  'CANCELLED',
  'REJECTED',
  'BLOCKED',
  'EXPIRED',
  'FAILED',
]);

const TONES: Record<string, Tone> = {
  FILLED: 'up',
  PARTIALLY_FILLED: 'accent',
  REJECTED: 'critical',
  BLOCKED: 'critical',
  FAILED: 'critical',
  UNKNOWN: 'warning',
  PENDING_CANCEL: 'warning',
  CANCELED: 'neutral',
  CANCELLED: 'neutral',
  EXPIRED: 'neutral',
};

/** Everything not finished can be cancelled: an unknown order too, the venue has the last word. */
export function isWorking(order: Order): boolean {
  return !TERMINAL.has(order.status.toUpperCase());
}

export function statusTone(status: string): Tone {
  return TONES[status.toUpperCase()] ?? 'accent';
}

export function hasFills(order: Order): boolean {
  return Number(order.filled_quantity) > 0;
}
