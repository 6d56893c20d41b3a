import { defineService } from '@cerberus/runtime';
import { GATEWAY_SECTION } from './config.ts';
import { startGateway } from './gateway.ts';
import type { GatewayPorts } from './ports.ts';

export { GATEWAY_SECTION, type GatewayConfig } from './config.ts';
export { GATEWAY_ERRORS } from './errors.ts';
export { type RunningGateway, startGateway } from './gateway.ts';
export type { GatewayContext, GatewayPorts, MountedRoutes } from './ports.ts';
export { RIGHTS, type Right } from './rights.ts';
export { FIRST_KEY_FILE, type FirstKey } from './store/first-key.ts';

/** REST, streams, documentation and the dashboard over what the topics say. */
export const gateway = defineService<typeof GATEWAY_SECTION, GatewayPorts>({
  name: 'gateway',
  config: GATEWAY_SECTION,
  create: (context) => startGateway(context),
});
