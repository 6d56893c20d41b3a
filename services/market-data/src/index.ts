export { type MarketDataPorts, marketData } from './service.ts';
