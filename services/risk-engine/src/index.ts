export { type RiskEnginePorts, riskEngine } from './service.ts';
