import type { Clock, IdSource, Rng } from '@cerberus/core';
import type { Static, TObject } from 'typebox';
import type { DataFolder } from './data-folder.ts';
import type { HttpRoute } from './http-route.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import type { Supervisor } from './supervisor.ts';
import type { Tracing } from './tracing.ts';

/*
 * How a service says what it needs without this library knowing the ports.
 *
 * The ports (bus, store, cache, coordination, codecs) live in libraries that import this one, so
 * their types cannot appear here. A service therefore states the ports it uses as a type parameter:
 *
 *   interface Ports { readonly bus: Bus; readonly codecs: Codecs }
 *   export const portfolio = defineService<typeof SECTION, Ports>({
 *     name: 'portfolio', config: SECTION, create: async ({ config, bus, log }) => …
 *   });
 *
 * Each port library exports a `PortProvider` (a config section and how to open the port). Whoever
 * composes supplies one provider per port, under the name the service reads it by, and the compiler
 * checks that none is missing and that each has the right type:
 *
 *   await runService(portfolio, { bus: busProvider, codecs: codecsProvider });   // src/main.ts
 *
 * The all-in-one opens every port once and calls `startService` for each definition with the same
 * ports. Nothing else is global.
 */

/** What every service gets, whatever ports it uses. */
export interface HostContext {
  /** Name of the service; on every log line and metric. */
  readonly name: string;
  /** Name of this process among those of the service, the same after a restart. */
  readonly instance: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly ids: IdSource;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** The one place where a crash becomes a dead letter or a stop of the process. */
  readonly supervisor: Supervisor;
  /** The locked data folder of this process. */
  readonly data: DataFolder;
  /** Aborted when the process begins to stop. */
  readonly signal: AbortSignal;
}

export type ServiceContext<Config, Ports = unknown> = HostContext &
  Ports & { readonly config: Config };

export interface RunningService {
  ready(): Readiness;
  /** Mounted by the gateway of the all-in-one, or by the health server of a service run alone. */
  readonly routes?: readonly HttpRoute[];
  /** Drains: takes nothing new, finishes or hands over what it has. Bounded by the host. */
  stop(): Promise<void>;
}

export interface ServiceDefinition<Section extends TObject = TObject, Ports = unknown> {
  /** Also the name of its config section, e.g. `market-data`. */
  readonly name: string;
  readonly config: Section;
  create(context: ServiceContext<Static<Section>, Ports>): Promise<RunningService>;
}

/** Identity, so that a definition is inferred and checked where it is written. */
export function defineService<Section extends TObject, Ports = unknown>(
  definition: ServiceDefinition<Section, Ports>,
): ServiceDefinition<Section, Ports> {
  return definition;
}

/** A port that is open, with what its host must know of it. */
export interface OpenPort<Port> {
  readonly port: Port;
  ready(): Readiness;
  close(): Promise<void>;
}

/** How a port library lets a composer open its port. */
export interface PortProvider<Port, Section extends TObject = TObject> {
  /** Name of the config section, e.g. `store`. */
  readonly section: string;
  readonly config: Section;
  open(context: HostContext & { readonly config: Static<Section> }): Promise<OpenPort<Port>>;
}

/** One provider for every port that a service names. */
export type PortProviders<Ports> = {
  readonly [Name in keyof Ports]: PortProvider<Ports[Name]>;
};

export function definePort<Port, Section extends TObject>(
  provider: PortProvider<Port, Section>,
): PortProvider<Port, Section> {
  return provider;
}
