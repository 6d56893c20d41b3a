// Generated from proto/ by `npm run generate`. Do not edit.
import type { TopicDefinition } from '../topic.ts';
import type { Account, Alert, Anomaly, AuditEntry, Bar, BasisModel, Book, CircuitBreaker, FeatureSet, FeedStatus, Fill, GreeksReport, HedgeSignal, Instrument, KillSwitch, Leader, Limit, MarkPrice, OptionQuote, OrderDecision, OrderEvent, OrderRequest, Position, PositionAdjustment, Prediction, Quote, RiskMetrics, ScenarioVector, StateEntry, SurfaceFit, TcaReport, Trade } from './messages.ts';

export interface MessageByTopic {
  'md.quote': Quote;
  'md.trade': Trade;
  'md.book': Book;
  'md.bar': Bar;
  'md.mark': MarkPrice;
  'md.option-quote': OptionQuote;
  'md.status': FeedStatus;
  'md.anomaly': Anomaly;
  'feature.value': FeatureSet;
  'surface.fit': SurfaceFit;
  'basis.model': BasisModel;
  'prediction.value': Prediction;
  'risk.greeks': GreeksReport;
  'risk.metrics': RiskMetrics;
  'risk.scenarios': ScenarioVector;
  'hedge.signal': HedgeSignal;
  'order.request': OrderRequest;
  'order.decision': OrderDecision;
  'order.event': OrderEvent;
  'fill': Fill;
  'position.adjustment': PositionAdjustment;
  'position': Position;
  'account': Account;
  'tca.report': TcaReport;
  'alert': Alert;
  'control.limit': Limit;
  'control.kill': KillSwitch;
  'control.breaker': CircuitBreaker;
  'control.leader': Leader;
  'ref.instrument': Instrument;
  'audit': AuditEntry;
  'pre-trade.state': StateEntry;
  'portfolio.state': StateEntry;
  'execution.state': StateEntry;
  'tca.state': StateEntry;
  'alerting.state': StateEntry;
}

export type TopicName = keyof MessageByTopic;

export const TOPICS: { readonly [T in TopicName]: TopicDefinition } = {
  'md.quote': {"name":"md.quote","schema":"md/quote","class":"stream","key":["instrument_id"],"partitionBy":"instrument_id","partitions":2,"cleanup":"delete","retentionHours":6,"conflate":true,"description":"Best bid and offer"},
  'md.trade': {"name":"md.trade","schema":"md/trade","class":"stream","key":["instrument_id"],"partitionBy":"instrument_id","partitions":2,"cleanup":"delete","retentionHours":24,"conflate":false,"description":"Public trades; never conflated"},
  'md.book': {"name":"md.book","schema":"md/book","class":"stream","key":["instrument_id"],"partitionBy":"instrument_id","partitions":2,"cleanup":"delete","retentionHours":2,"conflate":false,"description":"L2 snapshots and deltas"},
  'md.bar': {"name":"md.bar","schema":"md/bar","class":"stream","key":["instrument_id"],"partitionBy":"instrument_id","partitions":8,"cleanup":"delete","retentionHours":168,"conflate":false,"description":"Bars with revisions"},
  'md.mark': {"name":"md.mark","schema":"md/mark","class":"stream","key":["instrument_id"],"partitionBy":"instrument_id","partitions":8,"cleanup":"delete","retentionHours":24,"conflate":true,"description":"Mark, index, funding, open interest"},
  'md.option-quote': {"name":"md.option-quote","schema":"md/option-quote","class":"stream","key":["instrument_id"],"partitionBy":"underlying","partitions":8,"cleanup":"delete","retentionHours":6,"conflate":true,"description":"Option quotes"},
  'md.status': {"name":"md.status","schema":"md/status","class":"stream","key":["instrument_id"],"partitionBy":"instrument_id","partitions":8,"cleanup":"compact","retentionHours":0,"conflate":true,"description":"Trust state of each feed"},
  'md.anomaly': {"name":"md.anomaly","schema":"md/anomaly","class":"stream","key":["instrument_id"],"partitionBy":"instrument_id","partitions":8,"cleanup":"delete","retentionHours":168,"conflate":false,"description":"Events a cleaning rule caught"},
  'feature.value': {"name":"feature.value","schema":"feature/value","class":"stream","key":["instrument_id"],"partitionBy":"instrument_id","partitions":2,"cleanup":"compact","retentionHours":0,"conflate":true,"description":"Feature values"},
  'surface.fit': {"name":"surface.fit","schema":"surface/fit","class":"stream","key":["underlying"],"partitionBy":"underlying","partitions":8,"cleanup":"compact","retentionHours":0,"conflate":true,"description":"Volatility surfaces"},
  'basis.model': {"name":"basis.model","schema":"basis/model","class":"stream","key":["asset","driver"],"partitionBy":"asset","partitions":4,"cleanup":"compact","retentionHours":0,"conflate":true,"description":"Basis models"},
  'prediction.value': {"name":"prediction.value","schema":"prediction/value","class":"stream","key":["model_id","instrument_id"],"partitionBy":"instrument_id","partitions":4,"cleanup":"delete","retentionHours":24,"conflate":true,"description":"Model outputs"},
  'risk.greeks': {"name":"risk.greeks","schema":"risk/greeks","class":"stream","key":["account_id","underlying"],"partitionBy":"underlying","partitions":8,"cleanup":"compact","retentionHours":0,"conflate":true,"description":"Greeks by account and underlying"},
  'risk.metrics': {"name":"risk.metrics","schema":"risk/metrics","class":"stream","key":["account_id"],"partitionBy":"account_id","partitions":8,"cleanup":"compact","retentionHours":0,"conflate":true,"description":"VaR, ES and value of each account"},
  'risk.scenarios': {"name":"risk.scenarios","schema":"risk/scenarios","class":"stream","key":["instrument_id"],"partitionBy":"underlying","partitions":8,"cleanup":"compact","retentionHours":0,"conflate":true,"description":"Scenario P&L vectors of instruments"},
  'hedge.signal': {"name":"hedge.signal","schema":"hedge/signal","class":"stream","key":["signal_id"],"partitionBy":"account_id","partitions":4,"cleanup":"delete","retentionHours":24,"conflate":false,"description":"Suggested hedges"},
  'order.request': {"name":"order.request","schema":"order/request","class":"ledger","key":["account_id"],"partitionBy":"account_id","partitions":6,"cleanup":"delete","retentionHours":8760,"conflate":false,"description":"Orders, cancels and replaces asked for"},
  'order.decision': {"name":"order.decision","schema":"order/decision","class":"ledger","key":["account_id"],"partitionBy":"account_id","partitions":6,"cleanup":"delete","retentionHours":8760,"conflate":false,"description":"Approvals and blocks"},
  'order.event': {"name":"order.event","schema":"order/event","class":"ledger","key":["account_id"],"partitionBy":"account_id","partitions":6,"cleanup":"delete","retentionHours":8760,"conflate":false,"description":"Order state transitions"},
  'fill': {"name":"fill","schema":"fill/fill","class":"ledger","key":["account_id"],"partitionBy":"account_id","partitions":6,"cleanup":"delete","retentionHours":8760,"conflate":false,"description":"Executions"},
  'position.adjustment': {"name":"position.adjustment","schema":"position/adjustment","class":"ledger","key":["account_id"],"partitionBy":"account_id","partitions":6,"cleanup":"delete","retentionHours":8760,"conflate":false,"description":"Opening balances, reconciliation, allocation"},
  'position': {"name":"position","schema":"position/position","class":"ledger","key":["position_id"],"partitionBy":"account_id","partitions":6,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Positions"},
  'account': {"name":"account","schema":"position/account","class":"ledger","key":["account_id"],"partitionBy":"account_id","partitions":6,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Cash and realised P&L"},
  'tca.report': {"name":"tca.report","schema":"tca/report","class":"ledger","key":["order_id"],"partitionBy":"account_id","partitions":6,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Execution reports"},
  'alert': {"name":"alert","schema":"alert/alert","class":"ledger","key":["alert_id"],"partitionBy":"alert_id","partitions":6,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Alerts and their state"},
  'control.limit': {"name":"control.limit","schema":"control/limit","class":"ledger","key":["limit_id"],"partitionBy":"limit_id","partitions":1,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Limits"},
  'control.kill': {"name":"control.kill","schema":"control/kill","class":"ledger","key":["scope","scope_id"],"partitionBy":"scope","partitions":1,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Kill switches"},
  'control.breaker': {"name":"control.breaker","schema":"control/breaker","class":"ledger","key":["breaker_id"],"partitionBy":"breaker_id","partitions":1,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Circuit breakers"},
  'control.leader': {"name":"control.leader","schema":"control/leader","class":"ledger","key":["service"],"partitionBy":"service","partitions":1,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Leaders"},
  'ref.instrument': {"name":"ref.instrument","schema":"ref/instrument","class":"ledger","key":["instrument_id"],"partitionBy":"instrument_id","partitions":1,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Instruments"},
  'audit': {"name":"audit","schema":"audit/entry","class":"ledger","key":["audit_id"],"partitionBy":"actor","partitions":1,"cleanup":"delete","retentionHours":8760,"conflate":false,"description":"Audit trail"},
  'pre-trade.state': {"name":"pre-trade.state","schema":"state/entry","class":"ledger","key":null,"partitionBy":null,"partitions":6,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Changelog of pre-trade; key and partition chosen by the service"},
  'portfolio.state': {"name":"portfolio.state","schema":"state/entry","class":"ledger","key":null,"partitionBy":null,"partitions":6,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Changelog of portfolio; key and partition chosen by the service"},
  'execution.state': {"name":"execution.state","schema":"state/entry","class":"ledger","key":null,"partitionBy":null,"partitions":6,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Changelog of execution; key and partition chosen by the service"},
  'tca.state': {"name":"tca.state","schema":"state/entry","class":"ledger","key":null,"partitionBy":null,"partitions":6,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Changelog of tca; key and partition chosen by the service"},
  'alerting.state': {"name":"alerting.state","schema":"state/entry","class":"ledger","key":null,"partitionBy":null,"partitions":6,"cleanup":"compact","retentionHours":0,"conflate":false,"description":"Changelog of alerting; key and partition chosen by the service"},
};
