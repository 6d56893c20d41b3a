export { GATEWAY_SECTION, type GatewayConfig } from './config.ts';
export { GATEWAY_ERRORS } from './errors.ts';
export { type RunningGateway, startGateway } from './gateway.ts';
export type { GatewayContext, GatewayPorts, MountedRoutes } from './ports.ts';
export { RIGHTS, type Right } from './rights.ts';
export { gateway } from './service.ts';
export { FIRST_KEY_FILE, type FirstKey } from './store/first-key.ts';
