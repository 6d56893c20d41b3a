import { defineService } from '@cerberus/runtime';
import { GATEWAY_SECTION } from './config.ts';
import { startGateway } from './gateway.ts';
import type { GatewayPorts } from './ports.ts';

/** REST, streams, documentation and the dashboard over what the topics say. */
export const gateway = defineService<typeof GATEWAY_SECTION, GatewayPorts>({
  name: 'gateway',
  config: GATEWAY_SECTION,
  create: (context) => startGateway(context),
});
