/**
 * What the dashboard takes the gateway to promise: the one place to mend where the two differ.
 * Types name the wire (snake_case); the readers below turn one message into one of them.
 */

export const API_BASE = '/api/v1/risk';
export const STREAM_BASE = '/stream';
export const STREAM_NAMES = ['market-data', 'greeks', 'risk-metrics', 'orders', 'alerts'] as const;
export type StreamName = (typeof STREAM_NAMES)[number];

/** Browsers cannot set headers on a WebSocket, so the key travels as a subprotocol. */
export function streamProtocols(key: string): string[] {
  return ['cerberus.v1', `cerberus.key.${key}`];
}

export const STREAM_THROTTLE_MS = 250;

export function subscription(stream: StreamName, lastSeq: number | null): Record<string, unknown> {
  const resume = lastSeq === null ? {} : { last_seq: lastSeq };
  return stream === 'alerts' || stream === 'orders'
    ? resume
    : { throttle: STREAM_THROTTLE_MS, ...resume };
}

export type Quality = 'ok' | 'degraded' | 'untrusted';
/** A number that cannot be given is null; its reason stands beside it. */
export type Measure = number | null;
/** Decimal string of an order, fill, position or cash amount. */
export type Amount = string;
export type Reasons = Record<string, string>;

export interface StreamMessage {
  type: string;
  seq: number;
  timestamp?: string;
  data: unknown;
  severity?: string;
  message?: string;
  actions?: unknown[];
}

export interface Quote {
  symbol: string;
  venue: string;
  bid_price: Amount | Measure;
  bid_quantity: Amount | Measure;
  ask_price: Amount | Measure;
  ask_quantity: Amount | Measure;
  mid: Amount | Measure;
  event_time: string;
  age_ms: Measure;
  quality: Quality;
}

export type BookLevel = [Amount | number, Amount | number];
export interface Book {
  bids: BookLevel[];
  asks: BookLevel[];
}

export interface PositionGreeks {
  position_id: string;
  account_id: string;
  symbol: string;
  underlying: string;
  asset_class: string;
  quantity: Amount | null;
  avg_price: Amount | null;
  mark_price: Amount | Measure;
  market_value: Amount | Measure;
  unrealized_pnl: Amount | Measure;
  delta: Measure;
  gamma: Measure;
  vega: Measure;
  theta: Measure;
  rho: Measure;
  dollar_delta: Measure;
  dollar_gamma: Measure;
  implied_volatility: Measure;
  quality: Quality;
  reasons?: Reasons;
}

/** What GET /positions adds for options. */
export interface PositionTerms {
  position_id: string;
  option_type?: 'CALL' | 'PUT';
  strike?: Amount | number;
  expiration?: string;
}

export interface RiskLimit {
  hard: Measure;
  soft: Measure;
  utilization: Measure;
}

export interface RiskMetrics {
  account_id: string;
  timestamp: string;
  portfolio_value: Amount | Measure;
  var_95_1d: Measure;
  var_99_1d: Measure;
  var_95_10d: Measure;
  es_95_1d: Measure;
  es_99_1d: Measure;
  portfolio_delta: Measure;
  portfolio_gamma: Measure;
  portfolio_vega: Measure;
  portfolio_theta: Measure;
  concentration_score: Measure;
  largest_position_pct: Measure;
  method?: string;
  quality: Quality;
  inputs?: { name: string; age_ms: Measure }[];
  limits?: Record<string, RiskLimit | undefined>;
  reasons?: Reasons;
}

/** Figures of an account at an earlier moment. */
export interface RiskPoint {
  as_of: string;
  portfolio_value: Measure;
  var_99_1d: Measure;
  es_99_1d: Measure;
}

export type Side = 'BUY' | 'SELL';
export type OrderType = 'MARKET' | 'LIMIT';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK';

export interface Order {
  order_id: string;
  account_id: string;
  symbol: string;
  venue: string | null;
  side: Side;
  order_type: string;
  quantity: Amount;
  limit_price: Amount | null;
  status: string;
  filled_quantity: Amount;
  average_price: Amount | null;
  created_at: string;
  updated_at: string;
  reason: string | null;
  trace_id: string | null;
}

export interface Fill {
  fill_id: string;
  order_id: string;
  account_id: string;
  symbol: string;
  side: Side;
  price: Amount;
  quantity: Amount;
  fee: Amount | null;
  fee_currency: string | null;
  venue: string | null;
  executed_at: string;
}

export type Severity = 'info' | 'warning' | 'critical';
export interface Alert {
  alert_id: string;
  seq: number;
  timestamp: string;
  severity: Severity;
  message: string;
  category: string | null;
  resolved: boolean;
  actions: string[];
}

export interface OrderDraft {
  account_id: string;
  symbol: string;
  side: Side;
  order_type: OrderType;
  quantity: Amount;
  limit_price?: Amount;
  time_in_force?: TimeInForce;
  venue?: string;
}

export interface CheckResult {
  check: string;
  passed: boolean;
  value: Amount | Measure;
  limit: Amount | Measure;
  unit: string | null;
  utilization: Measure;
  severity: string | null;
  code: string | null;
  message: string | null;
}

export interface ImpactFigure {
  before: Measure;
  after: Measure;
  change: Measure;
}
export type ImpactName = 'delta' | 'gamma' | 'vega' | 'theta' | 'var_99_1d' | 'es_99_1d' | 'margin';
export type RiskImpact = Partial<Record<ImpactName, ImpactFigure>> & {
  /** Figure to the reason why it is not given. */
  missing?: Reasons;
};

export interface PreTradeDecision {
  order_id?: string;
  passed: boolean;
  checks_performed: CheckResult[];
  warnings: unknown[];
  blocks: unknown[];
  risk_impact?: RiskImpact | null;
  max_quantity?: Amount | Measure;
  reference_price?: Amount | Measure;
  as_of?: string;
  elapsed_us?: Measure;
}

export interface OrderAnswer {
  order_id: string;
  status: string;
  decision?: PreTradeDecision;
}

export interface JourneyStep {
  stage: string;
  at: string;
  detail: unknown;
}
export interface Journey {
  order_id: string;
  trace_id: string | null;
  steps: JourneyStep[];
}

export interface ExecutionReport {
  fills: {
    order_id: string;
    price: Amount | Measure;
    qty: Amount | Measure;
    slippage_bps: Measure;
    venue: string;
    timestamp: string;
  }[];
  costs: Record<string, Amount | Measure>;
  violations: unknown[];
  pnl: { realized: Amount | Measure; unrealized: Amount | Measure };
  latency_ms: Measure | Record<string, Measure>;
  execution_quality: Record<string, Measure>;
  reasons?: Reasons;
}

export interface Leader {
  /** null while nobody leads as far as is known. */
  leader_id: string | null;
  /** Whose word it is, also of one that leads no longer. */
  instance_id: string | null;
  since: string | null;
  token: string | null;
  standbys: string[];
  /** Since the last word of whoever led. */
  silent_ms: number | null;
}

export type KillScope = 'firm' | 'account';
export interface KillSwitch {
  scope: string;
  id: string;
  active: boolean;
  reason: string | null;
  by: string | null;
  since: string | null;
}
export interface KillRequest {
  scope: KillScope;
  id: string;
  reason: string;
  cancel_open: boolean;
}

export const FIRM_ID = 'firm';

export interface Problem {
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id?: string;
  errors?: { path: string; expected: string; received: string }[];
  decision?: PreTradeDecision;
}

/* Readers: one wire document in, one of the types above out. */

type Fields = Record<string, unknown>;

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

function textOf(...candidates: unknown[]): string | null {
  for (const candidate of candidates) {
    if (typeof candidate === 'string' && candidate !== '') return candidate;
    if (typeof candidate === 'number' || typeof candidate === 'bigint') return String(candidate);
  }
  return null;
}

/** A list route answers a bare list, or a page `{items, next_cursor}`, or the list under its own name. */
export function listOf<T>(answer: unknown, ...names: string[]): T[] {
  if (Array.isArray(answer)) return answer as T[];
  const fields = fieldsOf(answer);
  for (const name of ['items', ...names]) {
    if (Array.isArray(fields[name])) return fields[name] as T[];
  }
  return [];
}

export function messageOf(raw: string): StreamMessage | null {
  try {
    const fields = fieldsOf(JSON.parse(raw));
    if (typeof fields['type'] !== 'string') return null;
    return { ...fields, seq: Number(fields['seq'] ?? Number.NaN) } as unknown as StreamMessage;
  } catch {
    // Not JSON: the caller counts it as an unreadable message and shows the count.
    return null;
  }
}

/** An empty side of a book may be sent as zero, which is no price. */
function positiveOrNull(price: Amount | Measure): Amount | Measure {
  return Number(price) > 0 ? price : null;
}

export function marketOf(data: unknown): { quotes: Quote[]; books: Record<string, Book> } {
  return {
    quotes: listOf<Quote>(data, 'quotes').map((quote) => ({
      ...quote,
      bid_price: positiveOrNull(quote.bid_price),
      ask_price: positiveOrNull(quote.ask_price),
    })),
    books: fieldsOf(fieldsOf(data)['books']) as Record<string, Book>,
  };
}

/** The wire has vega and rho per 1.00 of volatility and rate, unless it says otherwise; desks read them per point. */
const POINT = 0.01;

function scaled(value: Amount | Measure | undefined, factor: number): Measure {
  return value === null || value === undefined ? null : Number(value) * factor;
}

export function greeksOf(data: unknown): PositionGreeks[] {
  const factor = fieldsOf(data)['units'] === 'trader' ? 1 : POINT;
  return listOf<PositionGreeks>(data, 'positions').map((position) => ({
    ...position,
    vega: scaled(position.vega, factor),
    rho: scaled(position.rho, factor),
  }));
}

function metricsOf(metrics: RiskMetrics): RiskMetrics {
  return {
    ...metrics,
    portfolio_vega: scaled(metrics.portfolio_vega, POINT),
    // Sent as a percentage; shown, like every share here, from a fraction.
    largest_position_pct: scaled(metrics.largest_position_pct, 0.01),
  };
}

/** One account per update; a snapshot may carry several. */
export function riskOf(data: unknown): RiskMetrics[] {
  const several = listOf<RiskMetrics>(data, 'accounts', 'metrics');
  if (several.length > 0) return several.map(metricsOf);
  return fieldsOf(data)['account_id'] === undefined ? [] : [metricsOf(data as RiskMetrics)];
}

export function fillOf(value: unknown): Fill {
  const fields = fieldsOf(value);
  return {
    ...(fields as unknown as Fill),
    fill_id: textOf(fields['fill_id'], fields['execution_id'], fields['trade_id']) ?? '',
    price: textOf(fields['price'], fields['fill_price']) ?? '',
    quantity: textOf(fields['quantity'], fields['fill_quantity'], fields['qty']) ?? '',
    fee: textOf(fields['fee'], fields['fee_amount'], fields['fees']),
    fee_currency: textOf(fields['fee_currency'], fields['fee_asset']),
    executed_at:
      textOf(
        fields['executed_at'],
        fields['fill_time'],
        fields['event_time'],
        fields['timestamp'],
      ) ?? '',
  };
}

export function ordersOf(message: StreamMessage): { orders: Order[]; fills: Fill[] } {
  const data = fieldsOf(message.data);
  if (message.type === 'order') {
    return { orders: [(data['order'] ?? message.data) as Order], fills: [] };
  }
  if (message.type === 'fill') return { orders: [], fills: [fillOf(data['fill'] ?? message.data)] };
  return {
    orders: listOf<Order>(message.data, 'orders'),
    fills: listOf<unknown>(data['fills']).map(fillOf),
  };
}

function severityOf(value: unknown): Severity {
  const text = String(value).toLowerCase();
  if (text === 'critical' || text === 'warning') return text;
  return 'info';
}

export function alertOf(value: unknown): Alert {
  const fields = fieldsOf(value);
  const data = fieldsOf(fields['data']);
  const seq = Number(fields['seq'] ?? 0);
  return {
    alert_id: textOf(fields['alert_id'], data['alert_id'], fields['id']) ?? `seq-${seq}`,
    seq,
    timestamp:
      textOf(fields['timestamp'], fields['raised_at'], data['timestamp'], fields['event_time']) ??
      '',
    severity: severityOf(fields['severity']),
    message: textOf(fields['message'], data['message']) ?? 'Alert without a message',
    category: textOf(fields['category'], data['category'], data['rule'], fields['rule']),
    resolved: textOf(fields['state'], data['state'])?.toUpperCase() === 'RESOLVED',
    actions: listOf<unknown>(fields['actions']).map(
      (action) => textOf(action, fieldsOf(action)['label'], fieldsOf(action)['action']) ?? '',
    ),
  };
}

export function alertsOf(message: StreamMessage): Alert[] {
  return message.type === 'alert'
    ? [alertOf(message)]
    : listOf<unknown>(message.data, 'alerts').map(alertOf);
}

export function leaderOf(answer: unknown): Leader {
  const leaders = listOf<unknown>(answer, 'leaders').map(fieldsOf);
  const outer =
    leaders.find((each) => each['service'] === 'execution') ?? leaders[0] ?? fieldsOf(answer);
  const fields = typeof outer['leader'] === 'object' ? fieldsOf(outer['leader']) : outer;
  return {
    // Null is an answer: whoever spoke last leads no longer.
    leader_id:
      'leader_id' in fields
        ? textOf(fields['leader_id'])
        : textOf(fields['instance_id'], fields['holder'], fields['id'], outer['leader']),
    instance_id: textOf(fields['instance_id'], outer['instance_id']),
    since: textOf(fields['since'], fields['elected_at'], outer['since']),
    token: textOf(fields['token'], fields['fencing_token'], fields['term'], outer['token']),
    standbys: listOf<unknown>(outer['standbys']).flatMap((each) => textOf(each) ?? []),
    silent_ms: typeof outer['silent_ms'] === 'number' ? outer['silent_ms'] : null,
  };
}

export function killSwitchesOf(answer: unknown): KillSwitch[] {
  return listOf<unknown>(answer, 'switches', 'kill_switches', 'active', 'states').map((entry) => {
    const fields = fieldsOf(entry);
    const stated = fields['active'] ?? fields['engaged'];
    return {
      scope: (textOf(fields['scope']) ?? FIRM_ID).toLowerCase(),
      id: textOf(fields['id'], fields['scope_id']) ?? FIRM_ID,
      // A switch listed without a flag is taken as engaged: the safe reading.
      active: typeof stated === 'boolean' ? stated : true,
      reason: textOf(fields['reason']),
      by: textOf(fields['by'], fields['actor'], fields['set_by']),
      since: textOf(fields['since'], fields['set_at'], fields['engaged_at'], fields['timestamp']),
    };
  });
}
