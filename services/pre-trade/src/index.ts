export type { LimitSeed, PreTradeConfig } from './config.ts';
export { type PreTradePorts, preTrade } from './service.ts';
