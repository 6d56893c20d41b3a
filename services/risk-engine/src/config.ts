import { type Static, Type } from 'typebox';

export const RISK_ENGINE_SECTION = Type.Object(
  {
    references: Type.Record(Type.String(), Type.String(), {
      default: { BTC: 'BTCUSDT.BINANCE', ETH: 'ETHUSDT.BINANCE' },
      description: 'Instrument whose mid price is the spot price of an underlying',
    }),
    rate: Type.Number({
      default: 0,
      minimum: -1,
      maximum: 1,
      description: 'Risk-free rate, continuously compounded, per year',
    }),
    dollarCurrencies: Type.Array(Type.String(), {
      default: ['USD', 'USDT', 'USDC'],
      description: 'Currencies counted at par with the account currency, the US dollar',
    }),
    greeksEveryMs: Type.Integer({
      default: 50,
      minimum: 0,
      maximum: 60_000,
      description: 'Ticks are conflated to the newest for so long before the book is revalued',
    }),
    metricsEveryMs: Type.Integer({
      default: 1000,
      minimum: 50,
      maximum: 3_600_000,
      description: 'Time between two computations of VaR, expected shortfall and stress',
    }),
    scenariosEveryMs: Type.Integer({
      default: 5000,
      minimum: 100,
      maximum: 3_600_000,
      description: 'Time between two publications of the scenario vectors the order gate uses',
    }),
    historyDays: Type.Integer({
      default: 500,
      minimum: 30,
      maximum: 2000,
      description: 'Daily returns in historical VaR, at most',
    }),
    historyDaysMin: Type.Integer({
      default: 100,
      minimum: 30,
      maximum: 2000,
      description: 'Daily returns without which historical VaR is not given',
    }),
    historyFile: Type.String({
      default: '',
      description:
        'CSV with columns date, underlying, close: price history beside that of the feeds',
    }),
    ewmaDecay: Type.Number({
      default: 0.94,
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: 'Decay of the daily covariance in parametric VaR (RiskMetrics)',
    }),
    staleAfterMs: Type.Integer({
      default: 5000,
      minimum: 100,
      maximum: 3_600_000,
      description: 'Numbers on an older spot price are marked untrusted',
    }),
  },
  { description: 'Greeks, VaR and expected shortfall of the book.' },
);

export type RiskEngineConfig = Static<typeof RISK_ENGINE_SECTION>;
