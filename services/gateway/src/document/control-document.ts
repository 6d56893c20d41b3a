import { type EpochUs, toNumber } from '@cerberus/core';
import type { Alert, FeedStatus, Instrument, KillSwitch, Leader, Limit } from '@cerberus/schema';
import { amountText, finiteOrNull } from '@cerberus/web';
import { Type } from 'typebox';
import type { BoardQuote } from '../model/quote-board.ts';
import {
  Amount,
  AmountOrNull,
  Measure,
  Quality,
  qualityText,
  TextOrNull,
  Time,
  TimeOrNull,
  timeOrNull,
  timeText,
  worstQuality,
} from './fields.ts';
import { symbolOf } from './order-document.ts';

export const LIMIT_SCHEMA = Type.Object({
  limit_id: Type.String(),
  limit_type: Type.String(),
  scope: Type.String(),
  scope_id: Type.String(),
  soft: AmountOrNull,
  hard: AmountOrNull,
  unit: Type.String(),
  enabled: Type.Boolean(),
  effective_time: Time,
  proposed_by: Type.String(),
  approved_by: Type.String(),
  revision: Type.Integer(),
});

export function limitDocument(limit: Limit): Record<string, unknown> {
  return {
    limit_id: limit.limit_id,
    limit_type: limit.limit_type,
    scope: limit.scope,
    scope_id: limit.scope_id,
    soft: amountText(limit.soft),
    hard: amountText(limit.hard),
    unit: limit.unit,
    enabled: limit.enabled,
    effective_time: timeText(limit.effective_time),
    proposed_by: limit.proposed_by,
    approved_by: limit.approved_by,
    revision: limit.revision,
  };
}

export const KILL_SCHEMA = Type.Object({
  scope: Type.String(),
  id: Type.String(),
  active: Type.Boolean(),
  cancel_open: Type.Boolean(),
  reason: Type.String(),
  by: Type.String(),
  since: Time,
  revision: Type.Integer(),
});

export function killDocument(kill: KillSwitch): Record<string, unknown> {
  return {
    scope: kill.scope.toLowerCase(),
    id: kill.scope_id,
    active: kill.engaged,
    cancel_open: kill.cancel_open,
    reason: kill.reason,
    by: kill.set_by,
    since: timeText(kill.set_at),
    revision: kill.revision,
  };
}

export const LEADER_SCHEMA = Type.Object({
  service: Type.String(),
  leader_id: { ...TextOrNull, description: 'Null where nobody leads as far as is known' },
  instance_id: Type.String({ description: 'Whose word it is' }),
  state: Type.Enum(['leading', 'relinquished', 'silent']),
  token: Type.Integer(),
  since: Time,
  standbys: Type.Array(Type.String()),
  last_word_at: Time,
  silent_ms: Type.Integer(),
});

/** A leader says every two seconds that it leads; after three times as long it is not believed. */
const LEADER_SILENT_MS = 6000;

export interface LastWord {
  readonly saidAt: EpochUs;
  /** How long ago that was. */
  readonly silentMs: number;
}

export function leaderDocument(
  leader: Leader,
  { saidAt, silentMs }: LastWord,
): Record<string, unknown> {
  const state = leader.state === 'LEADING' && silentMs > LEADER_SILENT_MS ? 'SILENT' : leader.state;
  return {
    service: leader.service,
    leader_id: state === 'LEADING' ? leader.instance_id : null,
    instance_id: leader.instance_id,
    state: state.toLowerCase(),
    token: leader.token,
    since: timeText(leader.since),
    standbys: leader.standbys,
    last_word_at: timeText(saidAt),
    silent_ms: Math.max(0, Math.round(silentMs)),
  };
}

export const ALERT_SCHEMA = Type.Object({
  alert_id: Type.String(),
  rule: Type.String(),
  category: Type.String(),
  severity: Type.Enum(['info', 'warning', 'critical']),
  state: Type.String(),
  subject: Type.String(),
  message: Type.String(),
  data: Type.Record(Type.String(), Type.String()),
  actions: Type.Array(Type.String()),
  raised_at: Time,
  timestamp: Time,
  count: Type.Integer(),
});

export function alertDocument(alert: Alert): Record<string, unknown> {
  return {
    alert_id: alert.alert_id,
    rule: alert.rule,
    category: alert.category,
    severity: alert.severity.toLowerCase(),
    state: alert.state.toLowerCase(),
    subject: alert.subject,
    message: alert.message,
    data: alert.data,
    actions: alert.actions,
    raised_at: timeText(alert.raised_at),
    timestamp: timeText(alert.updated_at),
    count: alert.count,
  };
}

export const INSTRUMENT_SCHEMA = Type.Object({
  instrument_id: Type.String(),
  symbol: Type.String(),
  venue: Type.String(),
  venue_symbol: Type.String(),
  kind: Type.String(),
  underlying: Type.String(),
  base_currency: Type.String(),
  quote_currency: Type.String(),
  settlement_currency: Type.String(),
  tick_size: Amount,
  lot_size: Amount,
  min_quantity: Amount,
  max_quantity: AmountOrNull,
  min_notional: Amount,
  contract_multiplier: Amount,
  inverse: Type.Boolean(),
  option_type: TextOrNull,
  strike: AmountOrNull,
  expiration: TimeOrNull,
  style: TextOrNull,
  status: Type.String(),
  feed: Type.Object({ state: TextOrNull, reason: TextOrNull }),
});

export function instrumentDocument(
  instrument: Instrument,
  feed: FeedStatus | undefined,
): Record<string, unknown> {
  const { volatility: _volatility, updated_at: _updatedAt, ...rest } = instrument;
  return {
    ...rest,
    tick_size: amountText(instrument.tick_size),
    lot_size: amountText(instrument.lot_size),
    min_quantity: amountText(instrument.min_quantity),
    max_quantity: amountText(instrument.max_quantity),
    min_notional: amountText(instrument.min_notional),
    contract_multiplier: amountText(instrument.contract_multiplier),
    strike: amountText(instrument.strike),
    expiration: timeOrNull(instrument.expiration),
    feed: { state: feed?.state ?? null, reason: feed?.reason ?? null },
  };
}

export const QUOTE_SCHEMA = Type.Object({
  symbol: Type.String(),
  instrument_id: Type.String(),
  venue: Type.String(),
  bid_price: Measure,
  bid_quantity: Measure,
  ask_price: Measure,
  ask_quantity: Measure,
  mid: Measure,
  event_time: Time,
  age_ms: Measure,
  quality: Quality,
});

/** `ageMs` is since the gateway had it. A feed that is not live makes its prices untrusted. */
export function quoteDocument(
  { quote }: BoardQuote,
  age: { readonly ms: number; readonly staleAfterMs: number },
  feed: FeedStatus | undefined,
): Record<string, unknown> {
  const bid = finiteOrNull(quote.bid_price);
  const ask = finiteOrNull(quote.ask_price);
  const hasBoth = bid !== null && ask !== null && bid > 0 && ask > 0;
  return {
    symbol: symbolOf(quote.instrument_id),
    instrument_id: quote.instrument_id,
    venue: quote.venue,
    bid_price: bid,
    bid_quantity: finiteOrNull(quote.bid_quantity),
    ask_price: ask,
    ask_quantity: finiteOrNull(quote.ask_quantity),
    mid: hasBoth ? (bid + ask) / 2 : null,
    event_time: timeText(quote.event_time),
    age_ms: Math.round(age.ms * 1000) / 1000,
    quality: worstQuality([
      qualityText(quote.quality),
      feed === undefined || feed.state === 'LIVE' ? 'ok' : 'untrusted',
      age.ms > age.staleAfterMs ? 'degraded' : 'ok',
    ]),
  };
}

/** Limit as a double, for utilisation figures only. */
export function boundNumber(limit: Limit['hard']): number | null {
  return limit === null ? null : toNumber(limit);
}
