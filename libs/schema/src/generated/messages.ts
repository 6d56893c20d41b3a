// Generated from proto/ by `npm run generate`. Do not edit.
import type { Decimal, EpochUs } from '@cerberus/core';

/** Cash and realised P&L of an account */
export interface Account {
  readonly account_id: string;
  readonly balances: readonly CurrencyBalance[];
  readonly updated_at: EpochUs;
  readonly revision: number;
}

export const ADJUSTMENT_REASON_VALUES = ['OPENING', 'RECONCILIATION', 'ALLOCATION', 'TRANSFER'] as const;
export type AdjustmentReason = (typeof ADJUSTMENT_REASON_VALUES)[number];

/** An alert and its state */
export interface Alert {
  readonly alert_id: string;
  readonly rule: string;
  readonly category: string;
  readonly severity: AlertSeverity;
  readonly state: AlertState;
  /** What it is about; one open alert per rule and subject */
  readonly subject: string;
  readonly message: string;
  readonly data: Readonly<Record<string, string>>;
  /** Recommended */
  readonly actions: readonly string[];
  readonly raised_at: EpochUs;
  readonly updated_at: EpochUs;
  /** Occurrences since raised */
  readonly count: number;
}

export const ALERT_SEVERITY_VALUES = ['INFO', 'WARNING', 'CRITICAL'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITY_VALUES)[number];

export const ALERT_STATE_VALUES = ['RAISED', 'ACKNOWLEDGED', 'RESOLVED'] as const;
export type AlertState = (typeof ALERT_STATE_VALUES)[number];

/** A market event that a cleaning rule caught, with the raw message */
export interface Anomaly {
  readonly instrument_id: string;
  readonly venue: string;
  readonly rule: string;
  /** quarantined, flagged or dropped */
  readonly action: string;
  readonly detail: string;
  readonly value: number | null;
  readonly raw: string;
  readonly event_time: EpochUs;
  readonly receive_time: EpochUs;
}

/** Who did what; each entry carries the hash of the one before */
export interface AuditEntry {
  readonly audit_id: string;
  readonly time: EpochUs;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: string;
  readonly detail: Readonly<Record<string, string>>;
  readonly previous_hash: string;
  readonly hash: string;
}

/** Open, high, low, close of an interval; a late trade gives a new revision */
export interface Bar {
  readonly instrument_id: string;
  readonly venue: string;
  /** 1m, 3m, … 1d */
  readonly interval: string;
  readonly open_time: EpochUs;
  readonly close_time: EpochUs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Base units */
  readonly volume: number;
  readonly quote_volume: number;
  readonly trade_count: number;
  /** 0 first, then amended */
  readonly revision: number;
  readonly complete: boolean;
  readonly source: BarSource;
}

export const BAR_SOURCE_VALUES = ['TRADES', 'VENUE'] as const;
export type BarSource = (typeof BAR_SOURCE_VALUES)[number];

/** Model of an asset against its driver */
export interface BasisModel {
  readonly asset: string;
  readonly driver: string;
  readonly as_of: EpochUs;
  readonly values: Readonly<Record<string, number>>;
  readonly missing: Readonly<Record<string, string>>;
  readonly quality: Quality;
}

/** Order book levels: a snapshot or the changed levels (quantity 0 removes) */
export interface Book {
  readonly instrument_id: string;
  readonly venue: string;
  readonly event_time: EpochUs;
  readonly receive_time: EpochUs;
  readonly kind: BookKind;
  readonly first_sequence: number;
  readonly last_sequence: number;
  /** Best first in snapshots */
  readonly bid_prices: readonly number[];
  readonly bid_quantities: readonly number[];
  readonly ask_prices: readonly number[];
  readonly ask_quantities: readonly number[];
  readonly quality: Quality;
}

export const BOOK_KIND_VALUES = ['SNAPSHOT', 'DELTA'] as const;
export type BookKind = (typeof BOOK_KIND_VALUES)[number];

export const BREAKER_STATE_VALUES = ['CLOSED', 'OPEN'] as const;
export type BreakerState = (typeof BREAKER_STATE_VALUES)[number];

/** One pre-trade check as it was evaluated */
export interface Check {
  /** Check name */
  readonly check: string;
  readonly passed: boolean;
  readonly severity: CheckSeverity;
  /** Where the limit came from, e.g. ACCOUNT:demo */
  readonly scope: string;
  /** Value tested, in `unit` */
  readonly value: number | null;
  /** Limit it was held against, in `unit` */
  readonly limit: number | null;
  readonly unit: string;
  /** value / limit */
  readonly utilization: number | null;
  /** Closed code */
  readonly code: string;
  readonly message: string;
}

export const CHECK_SEVERITY_VALUES = ['HARD', 'SOFT'] as const;
export type CheckSeverity = (typeof CHECK_SEVERITY_VALUES)[number];

/** A circuit breaker */
export interface CircuitBreaker {
  readonly breaker_id: string;
  readonly scope: Scope;
  readonly scope_id: string;
  readonly state: BreakerState;
  readonly action: string;
  readonly reason: string;
  readonly opened_at: EpochUs | null;
  readonly closes_at: EpochUs | null;
  readonly revision: number;
}

/** Cash of one currency */
export interface CurrencyBalance {
  readonly currency: string;
  readonly cash: Decimal;
  readonly realized_pnl: Decimal;
  readonly fees: Decimal;
}

export const EXERCISE_STYLE_VALUES = ['EUROPEAN', 'AMERICAN'] as const;
export type ExerciseStyle = (typeof EXERCISE_STYLE_VALUES)[number];

/** Feature values of one instrument */
export interface FeatureSet {
  readonly instrument_id: string;
  readonly as_of: EpochUs;
  /** By feature name */
  readonly values: Readonly<Record<string, number>>;
  /** Feature name to the reason it has no value */
  readonly missing: Readonly<Record<string, string>>;
  readonly inputs: readonly InputAge[];
  readonly quality: Quality;
}

export const FEED_STATE_VALUES = ['CONNECTING', 'SYNCING', 'LIVE', 'STALE', 'DOWN'] as const;
export type FeedState = (typeof FEED_STATE_VALUES)[number];

/** Trust state of the feed of one instrument */
export interface FeedStatus {
  readonly instrument_id: string;
  readonly venue: string;
  readonly state: FeedState;
  readonly reason: string;
  readonly since: EpochUs;
  readonly last_event_time: EpochUs | null;
  /** Sequence gaps seen since start */
  readonly gaps: number;
  readonly resyncs: number;
  readonly duplicates: number;
  /** Frames refused */
  readonly refused: number;
  readonly conflated: number;
  /** Venue clock minus ours */
  readonly clock_offset_ms: number | null;
}

/** An execution at a venue */
export interface Fill {
  readonly fill_id: string;
  readonly order_id: string;
  readonly client_order_id: string;
  readonly account_id: string;
  readonly instrument_id: string;
  readonly venue: string;
  readonly venue_trade_id: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly fee_currency: string;
  readonly liquidity: Liquidity;
  readonly event_time: EpochUs;
  readonly record_time: EpochUs;
  readonly token: number;
}

/** Sum over positions; null when a position could not be valued */
export interface GreekTotals {
  readonly market_value: number | null;
  readonly unrealized_pnl: number | null;
  readonly delta: number | null;
  readonly gamma: number | null;
  readonly vega: number | null;
  readonly theta: number | null;
  readonly rho: number | null;
  readonly vanna: number | null;
  readonly volga: number | null;
  readonly charm: number | null;
  readonly dollar_delta: number | null;
  readonly dollar_gamma: number | null;
}

/** Greeks of the positions of one account in one underlying */
export interface GreeksReport {
  readonly account_id: string;
  readonly underlying: string;
  readonly as_of: EpochUs;
  readonly spot_price: number | null;
  readonly positions: readonly PositionGreeks[];
  readonly totals: GreekTotals;
  readonly surface_id: string | null;
  readonly inputs: readonly InputAge[];
  readonly quality: Quality;
}

/** One order of a hedge */
export interface HedgeLeg {
  readonly instrument_id: string;
  readonly side: Side;
  readonly quantity: Decimal;
}

/** A suggested hedge */
export interface HedgeSignal {
  readonly signal_id: string;
  readonly account_id: string;
  readonly underlying: string;
  readonly as_of: EpochUs;
  readonly greek: string;
  readonly current: number;
  readonly target: number;
  readonly legs: readonly HedgeLeg[];
  readonly urgency: Urgency;
  readonly expected_cost: number | null;
  readonly reason: string;
}

/** One input of a risk number and how old it was when the number was made */
export interface InputAge {
  readonly name: string;
  /** Milliseconds; null when the input was missing */
  readonly age_ms: number | null;
}

/** Reference data of an instrument */
export interface Instrument {
  readonly instrument_id: string;
  readonly symbol: string;
  readonly venue: string;
  /** As the venue writes it */
  readonly venue_symbol: string;
  readonly kind: InstrumentKind;
  readonly underlying: string;
  readonly base_currency: string;
  readonly quote_currency: string;
  readonly settlement_currency: string;
  readonly tick_size: Decimal;
  readonly lot_size: Decimal;
  readonly min_quantity: Decimal;
  readonly max_quantity: Decimal | null;
  readonly min_notional: Decimal;
  readonly contract_multiplier: Decimal;
  readonly inverse: boolean;
  readonly option_type: OptionType | null;
  readonly strike: Decimal | null;
  readonly expiration: EpochUs | null;
  readonly style: ExerciseStyle | null;
  /** Volatility to price with where no surface is fitted */
  readonly volatility: number | null;
  readonly status: InstrumentStatus;
  readonly updated_at: EpochUs;
}

export const INSTRUMENT_KIND_VALUES = ['EQUITY', 'ETF', 'SPOT', 'FUTURE', 'PERPETUAL', 'OPTION', 'INDEX'] as const;
export type InstrumentKind = (typeof INSTRUMENT_KIND_VALUES)[number];

export const INSTRUMENT_STATUS_VALUES = ['TRADING', 'HALTED', 'EXPIRED'] as const;
export type InstrumentStatus = (typeof INSTRUMENT_STATUS_VALUES)[number];

/** A kill switch */
export interface KillSwitch {
  readonly scope: Scope;
  readonly scope_id: string;
  readonly engaged: boolean;
  readonly cancel_open: boolean;
  readonly reason: string;
  readonly set_by: string;
  readonly set_at: EpochUs;
  readonly revision: number;
}

/** Who leads a single-active service */
export interface Leader {
  readonly service: string;
  readonly instance_id: string;
  readonly token: number;
  readonly state: LeaderState;
  readonly since: EpochUs;
  /** Instances that stand by, in order of their turn; empty also where it is not known */
  readonly standbys: readonly string[];
}

export const LEADER_STATE_VALUES = ['LEADING', 'RELINQUISHED'] as const;
export type LeaderState = (typeof LEADER_STATE_VALUES)[number];

/** A limit of the gate */
export interface Limit {
  readonly limit_id: string;
  /** Check it belongs to */
  readonly limit_type: string;
  readonly scope: Scope;
  readonly scope_id: string;
  readonly soft: Decimal | null;
  readonly hard: Decimal | null;
  readonly unit: string;
  readonly enabled: boolean;
  readonly effective_time: EpochUs;
  readonly proposed_by: string;
  readonly approved_by: string;
  readonly revision: number;
}

export const LIQUIDITY_VALUES = ['MAKER', 'TAKER', 'UNKNOWN'] as const;
export type Liquidity = (typeof LIQUIDITY_VALUES)[number];

/** Mark, index, funding and open interest of a derivative */
export interface MarkPrice {
  readonly instrument_id: string;
  readonly venue: string;
  readonly event_time: EpochUs;
  readonly receive_time: EpochUs;
  readonly mark_price: number;
  readonly index_price: number | null;
  /** Per funding interval */
  readonly funding_rate: number | null;
  readonly next_funding_time: EpochUs | null;
  readonly open_interest: number | null;
}

/** Quote of a listed option */
export interface OptionQuote {
  readonly instrument_id: string;
  readonly underlying: string;
  readonly venue: string;
  readonly event_time: EpochUs;
  readonly receive_time: EpochUs;
  readonly bid_price: number | null;
  readonly bid_quantity: number | null;
  readonly ask_price: number | null;
  readonly ask_quantity: number | null;
  readonly mark_price: number | null;
  /** Fraction */
  readonly mark_implied_volatility: number | null;
  readonly underlying_price: number | null;
  readonly open_interest: number | null;
  readonly quality: Quality;
}

export const OPTION_TYPE_VALUES = ['CALL', 'PUT'] as const;
export type OptionType = (typeof OPTION_TYPE_VALUES)[number];

/** The gate's answer to exactly one request */
export interface OrderDecision {
  /** Approval id */
  readonly decision_id: string;
  readonly request_id: string;
  readonly kind: RequestKind;
  readonly order_id: string;
  readonly account_id: string;
  readonly strategy_id: string | null;
  readonly instrument_id: string;
  readonly side: Side;
  readonly order_type: OrderType;
  readonly quantity: Decimal;
  readonly limit_price: Decimal | null;
  readonly stop_price: Decimal | null;
  readonly time_in_force: TimeInForce;
  readonly expire_time: EpochUs | null;
  readonly post_only: boolean;
  readonly reduce_only: boolean;
  readonly outcome: Outcome;
  readonly checks: readonly Check[];
  /** Price orders were valued against */
  readonly reference_price: number | null;
  /** Mid price at the decision */
  readonly arrival_mid: number | null;
  readonly reference_time: EpochUs | null;
  readonly decision_time: EpochUs;
  /** An approval older than this may not be sent */
  readonly expires_at: EpochUs;
  readonly elapsed_us: number;
}

/** State of an order after a transition, whole each time */
export interface OrderEvent {
  readonly event_id: string;
  readonly order_id: string;
  readonly account_id: string;
  readonly instrument_id: string;
  readonly venue: string;
  readonly decision_id: string;
  readonly client_order_id: string;
  readonly venue_order_id: string | null;
  /** Per order, from 1 */
  readonly sequence: number;
  readonly status: OrderStatus;
  readonly previous_status: OrderStatus | null;
  readonly side: Side;
  readonly order_type: OrderType;
  readonly time_in_force: TimeInForce;
  readonly quantity: Decimal;
  readonly limit_price: Decimal | null;
  /** Cumulative */
  readonly filled_quantity: Decimal;
  readonly average_price: Decimal | null;
  readonly last_quantity: Decimal | null;
  readonly last_price: Decimal | null;
  /** Venue time where the venue gave one */
  readonly event_time: EpochUs;
  readonly record_time: EpochUs;
  readonly reason: string | null;
  /** Fencing token of the emitter */
  readonly token: number;
}

/** What somebody asked for */
export interface OrderRequest {
  readonly request_id: string;
  readonly kind: RequestKind;
  readonly order_id: string;
  readonly account_id: string;
  readonly strategy_id: string | null;
  readonly instrument_id: string;
  readonly side: Side;
  readonly order_type: OrderType;
  readonly quantity: Decimal;
  readonly limit_price: Decimal | null;
  readonly stop_price: Decimal | null;
  readonly time_in_force: TimeInForce;
  readonly expire_time: EpochUs | null;
  readonly post_only: boolean;
  readonly reduce_only: boolean;
  readonly parent_order_id: string | null;
  /** REST, CLI, STRATEGY, HEDGE or FIX */
  readonly source: string;
  /** Principal */
  readonly requested_by: string;
  readonly request_time: EpochUs;
}

export const ORDER_STATUS_VALUES = ['PENDING_NEW', 'NEW', 'PARTIALLY_FILLED', 'PENDING_CANCEL', 'CANCELED', 'REPLACED', 'REJECTED', 'EXPIRED', 'FILLED', 'UNKNOWN'] as const;
export type OrderStatus = (typeof ORDER_STATUS_VALUES)[number];

export const ORDER_TYPE_VALUES = ['MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT'] as const;
export type OrderType = (typeof ORDER_TYPE_VALUES)[number];

export const OUTCOME_VALUES = ['APPROVED', 'BLOCKED'] as const;
export type Outcome = (typeof OUTCOME_VALUES)[number];

/** A position of an account */
export interface Position {
  readonly position_id: string;
  readonly account_id: string;
  readonly instrument_id: string;
  /** Signed */
  readonly quantity: Decimal;
  readonly average_price: Decimal;
  readonly realized_pnl: Decimal;
  /** In the settlement currency */
  readonly fees: Decimal;
  /** Settlement currency */
  readonly currency: string;
  readonly updated_at: EpochUs;
  readonly revision: number;
}

/** A change of position or cash that is not a fill */
export interface PositionAdjustment {
  readonly adjustment_id: string;
  readonly account_id: string;
  /** null for cash */
  readonly instrument_id: string | null;
  readonly currency: string;
  /** Signed change of position, or of cash */
  readonly quantity: Decimal;
  /** Cost of the position */
  readonly price: Decimal | null;
  readonly reason: AdjustmentReason;
  readonly note: string;
  readonly time: EpochUs;
}

/** Greeks of one position, library units times quantity and multiplier */
export interface PositionGreeks {
  readonly position_id: string;
  readonly instrument_id: string;
  /** equity, option, crypto or future */
  readonly asset_class: string;
  /** Signed */
  readonly quantity: number;
  readonly average_price: number;
  readonly mark_price: number | null;
  /** Account currency */
  readonly market_value: number | null;
  /** Account currency */
  readonly unrealized_pnl: number | null;
  /** Fraction per sqrt(year) */
  readonly implied_volatility: number | null;
  /** Per 1.00 of spot */
  readonly delta: number | null;
  /** Per 1.00 squared */
  readonly gamma: number | null;
  /** Per 1.00 of volatility */
  readonly vega: number | null;
  /** Per calendar day */
  readonly theta: number | null;
  /** Per 1.00 of rate */
  readonly rho: number | null;
  readonly vanna: number | null;
  readonly volga: number | null;
  /** d delta / d calendar day */
  readonly charm: number | null;
  readonly speed: number | null;
  readonly zomma: number | null;
  readonly color: number | null;
  /** delta * spot */
  readonly dollar_delta: number | null;
  /** gamma * spot^2 / 100: change of dollar delta for 1 % */
  readonly dollar_gamma: number | null;
  readonly quality: Quality;
  /** Why numbers are null or degraded */
  readonly reason: string | null;
}

/** Output of a model */
export interface Prediction {
  readonly model_id: string;
  readonly model_version: string;
  readonly instrument_id: string;
  readonly as_of: EpochUs;
  readonly horizon_ms: number;
  readonly value: number;
  /** 0 to 1 */
  readonly confidence: number;
}

export const QUALITY_VALUES = ['OK', 'DEGRADED', 'UNTRUSTED'] as const;
export type Quality = (typeof QUALITY_VALUES)[number];

/** Best bid and offer of one instrument */
export interface Quote {
  readonly instrument_id: string;
  readonly venue: string;
  /** Venue time */
  readonly event_time: EpochUs;
  readonly receive_time: EpochUs;
  /** Venue update id */
  readonly sequence: number;
  readonly bid_price: number;
  readonly bid_quantity: number;
  readonly ask_price: number;
  readonly ask_quantity: number;
  readonly quality: Quality;
}

/** A fill in an execution report */
export interface ReportFill {
  readonly order_id: string;
  readonly fill_id: string;
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** Against arrival mid; positive is a cost */
  readonly slippage_bps: number | null;
  readonly venue: string;
  readonly event_time: EpochUs;
}

/** An order in an execution report */
export interface ReportOrder {
  readonly order_id: string;
  readonly venue: string;
  readonly instrument_id: string;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly time_in_force: TimeInForce;
  readonly order_type: OrderType;
  readonly limit_price: Decimal | null;
  readonly slice_id: string | null;
  readonly parent_id: string | null;
}

export const REQUEST_KIND_VALUES = ['NEW', 'CANCEL', 'REPLACE'] as const;
export type RequestKind = (typeof REQUEST_KIND_VALUES)[number];

/** Risk figures of one account */
export interface RiskMetrics {
  readonly account_id: string;
  readonly as_of: EpochUs;
  readonly method: string;
  /** portfolio_value, var_99_1d, es_99_1d, …; losses positive */
  readonly values: Readonly<Record<string, number>>;
  /** Metric name to the reason it has no value */
  readonly missing: Readonly<Record<string, string>>;
  /** Scenario to P&L */
  readonly stress: Readonly<Record<string, number>>;
  readonly inputs: readonly InputAge[];
  readonly quality: Quality;
}

/** P&L of one unit of an instrument under each scenario of a set */
export interface ScenarioVector {
  readonly instrument_id: string;
  readonly underlying: string;
  readonly as_of: EpochUs;
  readonly scenario_set_id: string;
  /** Account currency per 1 unit long */
  readonly unit_pnl: readonly number[];
  readonly unit_value: number;
  readonly unit_delta: number;
  readonly unit_gamma: number;
  readonly unit_vega: number;
  readonly unit_theta: number;
  readonly quality: Quality;
}

export const SCOPE_VALUES = ['FIRM', 'ACCOUNT', 'STRATEGY', 'UNDERLYING', 'SYMBOL'] as const;
export type Scope = (typeof SCOPE_VALUES)[number];

export const SIDE_VALUES = ['BUY', 'SELL'] as const;
export type Side = (typeof SIDE_VALUES)[number];

/** Private state of a service, as its changelog keeps it */
export interface StateEntry {
  readonly kind: string;
  readonly version: number;
  readonly payload: Uint8Array;
}

/** A fitted volatility surface with its no-arbitrage certificate */
export interface SurfaceFit {
  readonly surface_id: string;
  readonly underlying: string;
  readonly as_of: EpochUs;
  readonly model: string;
  /** Rung of the fallback ladder */
  readonly rung: string;
  readonly slices: readonly SurfaceSlice[];
  readonly butterfly_violations: number;
  readonly calendar_violations: number;
  readonly inputs: readonly InputAge[];
  readonly quality: Quality;
}

/** One expiry of a volatility surface */
export interface SurfaceSlice {
  readonly expiration: EpochUs;
  readonly forward: number;
  readonly discount_factor: number;
  /** Model parameters by name */
  readonly parameters: Readonly<Record<string, number>>;
  /** Root mean square error in volatility */
  readonly rmse_volatility: number;
  /** Share of quotes whose model price lies inside bid and ask */
  readonly inside_bid_ask: number;
}

/** Execution report of one order */
export interface TcaReport {
  readonly order_id: string;
  readonly account_id: string;
  readonly instrument_id: string;
  readonly final: boolean;
  readonly as_of: EpochUs;
  readonly orders: readonly ReportOrder[];
  readonly fills: readonly ReportFill[];
  readonly fees_usd: number | null;
  readonly impact_bps: number | null;
  readonly spread_cost_usd: number | null;
  readonly total_cost_usd: number | null;
  readonly violations: readonly string[];
  readonly realized_pnl: number | null;
  readonly unrealized_pnl: number | null;
  /** Decision to first fill */
  readonly latency_ms: number | null;
  /** Positive is a cost */
  readonly arrival_slippage_bps: number | null;
  readonly vwap_slippage_bps: number | null;
  /** 0 to 1 */
  readonly fill_rate: number | null;
  /** Share filled as maker */
  readonly passive_ratio: number | null;
  /** Field to the reason it is null */
  readonly missing: Readonly<Record<string, string>>;
}

export const TIME_IN_FORCE_VALUES = ['GTC', 'IOC', 'FOK', 'GTD', 'DAY'] as const;
export type TimeInForce = (typeof TIME_IN_FORCE_VALUES)[number];

/** A public trade */
export interface Trade {
  readonly instrument_id: string;
  readonly venue: string;
  readonly event_time: EpochUs;
  readonly receive_time: EpochUs;
  readonly trade_id: string;
  readonly price: number;
  readonly quantity: number;
  readonly aggressor: Side;
}

export const URGENCY_VALUES = ['NORMAL', 'URGENT', 'IMMEDIATE'] as const;
export type Urgency = (typeof URGENCY_VALUES)[number];
