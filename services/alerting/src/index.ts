export { type AlertingPorts, alerting } from './service.ts';
