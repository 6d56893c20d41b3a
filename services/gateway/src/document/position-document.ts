import type { Decimal } from '@cerberus/core';
import { assetClassOf } from '@cerberus/model';
import type { GreeksReport, Instrument, Position } from '@cerberus/schema';
import { amountText, finiteOrNull } from '@cerberus/web';
import { Type } from 'typebox';
import {
  Amount,
  Measure,
  qualityText,
  Reasons,
  TextOrNull,
  Time,
  timeOrNull,
  timeText,
  worstQuality,
} from './fields.ts';
import { symbolOf, underlyingOf } from './order-document.ts';
import {
  agedInputs,
  currentQuality,
  PROVENANCE,
  type RiskContext,
  reasonsOf,
} from './risk-document.ts';

export const POSITION_SCHEMA = Type.Object({
  position_id: Type.String(),
  account_id: Type.String(),
  symbol: Type.String(),
  instrument_id: Type.String(),
  asset_class: TextOrNull,
  underlying: Type.String(),
  quantity: Amount,
  avg_price: Amount,
  mark_price: Measure,
  market_value: Measure,
  unrealized_pnl: Measure,
  realized_pnl: Amount,
  fees: Amount,
  currency: Type.String(),
  updated_at: Time,
  option_type: Type.Optional(Type.Enum(['CALL', 'PUT'])),
  strike: Type.Optional(Amount),
  expiration: Type.Optional(Time),
  style: Type.Optional(Type.String()),
  multiplier: Type.Optional(Amount),
  ...PROVENANCE,
  reasons: Reasons,
});

export function positionDocument(
  position: Position,
  report: GreeksReport | undefined,
  context: RiskContext,
): Record<string, unknown> {
  const instrument = context.instrument(position.instrument_id);
  const greeks = report?.positions.find(({ position_id }) => position_id === position.position_id);
  const marks = {
    mark_price: finiteOrNull(greeks?.mark_price),
    market_value: finiteOrNull(greeks?.market_value),
    unrealized_pnl: finiteOrNull(greeks?.unrealized_pnl),
  };
  const valued = report !== undefined && greeks !== undefined;
  return {
    position_id: position.position_id,
    account_id: position.account_id,
    symbol: symbolOf(position.instrument_id),
    instrument_id: position.instrument_id,
    asset_class:
      instrument === undefined ? (greeks?.asset_class ?? null) : assetClassOf(instrument.kind),
    underlying: underlyingOf(instrument, position.instrument_id),
    quantity: amountText(position.quantity),
    avg_price: amountText(position.average_price),
    ...marks,
    realized_pnl: amountText(position.realized_pnl),
    fees: amountText(position.fees),
    currency: position.currency,
    updated_at: timeText(position.updated_at),
    ...optionTerms(instrument),
    as_of: timeOrNull(valued ? report.as_of : null),
    inputs: valued ? agedInputs(report.inputs, report.as_of, context.nowUs()) : [],
    quality: valued
      ? worstQuality([currentQuality(report, context), qualityText(greeks.quality)])
      : 'untrusted',
    surface_id: valued ? report.surface_id : null,
    reasons: reasonsOf(marks, greeks?.reason ?? 'not valued yet'),
  };
}

function optionTerms(instrument: Instrument | undefined): Record<string, unknown> {
  if (instrument === undefined || instrument.kind !== 'OPTION') return {};
  return {
    option_type: instrument.option_type,
    strike: amountText(instrument.strike as Decimal),
    expiration: timeText(instrument.expiration as number),
    style: instrument.style,
    multiplier: amountText(instrument.contract_multiplier),
  };
}
