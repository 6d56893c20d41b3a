export { type PortfolioConfig, type PortfolioPorts, portfolio } from './service.ts';
