export { type ExecutionPorts, execution } from './service.ts';
