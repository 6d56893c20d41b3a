export { clientOrderId } from './client-order-id.ts';
export type { ExecutionPorts } from './ports.ts';
export { execution } from './service.ts';
