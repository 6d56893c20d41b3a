export { executionReport, type MarketContext, type ReportInput } from './execution-report.ts';
