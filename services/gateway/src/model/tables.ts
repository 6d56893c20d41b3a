import type { TableView } from '@cerberus/bus';

/** Topics of which every gateway holds the newest value of every key. */
export const TABLE_TOPICS = [
  'position',
  'account',
  'control.limit',
  'control.kill',
  'control.leader',
  'ref.instrument',
  'risk.greeks',
  'risk.metrics',
  'risk.scenarios',
  'md.status',
  'alert',
  'tca.report',
] as const;
export type TableTopic = (typeof TABLE_TOPICS)[number];
export type Tables = { readonly [T in TableTopic]: TableView<T> };

export const ORDER_TOPICS = ['order.request', 'order.decision', 'order.event', 'fill'] as const;
