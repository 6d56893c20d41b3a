export type { ReportingConfig } from './config.ts';
export { type ReportingPorts, reporting } from './service.ts';
