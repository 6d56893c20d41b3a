import type { Bus } from '@cerberus/bus';
import type { Cache } from '@cerberus/cache';
import type { HttpRoute, ServiceContext } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import type { Store } from '@cerberus/store';
import type { GatewayConfig } from './config.ts';

/** Routes that the host of several services lets the gateway answer. */
export interface MountedRoutes {
  /** Answered without a key: `/health`, `/ready`, `/metrics`. */
  readonly open: readonly HttpRoute[];
  /** Below the API's base, with a key: GET needs `read`, the rest `control`. */
  readonly keyed: readonly HttpRoute[];
}

export interface GatewayPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly store: Store;
  /** Without it there are no prices before the first tick, and no history of risk figures. */
  readonly cache?: Cache;
  readonly routes?: MountedRoutes;
}

export type GatewayContext = ServiceContext<GatewayConfig, GatewayPorts>;
