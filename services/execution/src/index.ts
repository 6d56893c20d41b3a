export { clientOrderId } from './client-order-id.ts';
export { type ExecutionPorts, execution } from './service.ts';
