import {
  CerberusError,
  type Clock,
  faultOf,
  type IdSource,
  invariant,
  type Rng,
} from '@cerberus/core';
import type { DestinationStream } from 'pino';
import type { Static, TObject } from 'typebox';
import { SystemClock } from './clock.ts';
import { DataFolder } from './data-folder.ts';
import { RUNTIME_ERRORS } from './errors.ts';
import { healthRoutes } from './health-routes.ts';
import type { HostConfig } from './host-section.ts';
import type { HttpRoute } from './http-route.ts';
import { UuidV7Source } from './ids.ts';
import { createLogger, type Logger } from './log.ts';
import { Metrics } from './metrics.ts';
import { notReady, type Readiness, readinessOf } from './readiness.ts';
import { SeededRng, SystemRng } from './rng.ts';
import type { HostContext, PortProvider, RunningService, ServiceDefinition } from './service.ts';
import { createSupervisor, messageOf, type Supervisor } from './supervisor.ts';
import { createTracing, type TracingHost } from './tracing.ts';

export interface HostOptions {
  /** Name of the process, on log lines. */
  readonly name: string;
  readonly config: HostConfig;
  readonly logStream?: 'stdout' | 'stderr';
  readonly logDestination?: DestinationStream;
  /** Replaced by tests and replays. */
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Ends the process; replaced by tests. */
  readonly exit?: (code: number) => void;
}

interface Part {
  readonly name: string;
  ready(): Readiness;
  stop(): Promise<void>;
}

const EXIT_FAILURE = 1;
const SIGNALS = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const;

/**
 * What one process has of everything: clock, log, metrics, traces, data folder, and the parts that
 * run in it. Parts start in the order given and stop in the opposite one, within the drain time.
 */
export class ServiceHost {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly ids: IdSource;
  readonly tracing: TracingHost;
  readonly supervisor: Supervisor;
  readonly data: DataFolder;
  readonly #config: HostConfig;
  readonly #exit: (code: number) => void;
  /** Starting and stopping take real time, also when the services of a replay live in another. */
  readonly #realClock = new SystemClock();
  readonly #aborter = new AbortController();
  readonly #parts: Part[] = [];
  #stopping: Promise<boolean> | undefined;

  private constructor(options: HostOptions, data: DataFolder, log: Logger) {
    const { config } = options;
    this.#config = config;
    this.#exit = options.exit ?? ((code) => process.exit(code));
    this.log = log;
    this.data = data;
    this.clock = options.clock ?? new SystemClock();
    this.rng = config.seed === undefined ? new SystemRng() : new SeededRng(config.seed);
    this.ids = new UuidV7Source(this.clock, this.rng);
    this.metrics = new Metrics(options.name);
    this.metrics.collectProcessMetrics();
    this.tracing = createTracing({
      service: options.name,
      clock: this.clock,
      // Span ids must not take numbers from the sequence on which decisions depend.
      rng: config.seed === undefined ? this.rng : new SeededRng(`spans ${config.seed}`),
      otlpEndpoint: (options.environment ?? process.env)['OTEL_EXPORTER_OTLP_ENDPOINT'],
      recentSpans: config.recentSpans,
    });
    this.supervisor = createSupervisor({
      log: this.log,
      metrics: this.metrics,
      onStop: () => this.#exit(EXIT_FAILURE),
    });
  }

  static open(options: HostOptions): ServiceHost {
    const log = createLogger({
      name: options.name,
      level: options.config.logLevel,
      format: options.config.logFormat,
      ...(options.logStream === undefined ? {} : { stream: options.logStream }),
      ...(options.logDestination === undefined ? {} : { destination: options.logDestination }),
    });
    return new ServiceHost(options, DataFolder.open({ path: options.config.dataDir }), log);
  }

  /** Aborted when stopping begins. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** Called once per part: with a seed, each part has its own sequence, whatever the others draw. */
  contextFor(name: string): HostContext {
    const { seed } = this.#config;
    const rng = seed === undefined ? this.rng : new SeededRng(`${seed} ${name}`);
    return {
      name,
      instance: this.#config.instance,
      clock: this.clock,
      rng,
      ids: seed === undefined ? this.ids : new UuidV7Source(this.clock, rng),
      log: this.log.child({ service: name }),
      metrics: this.metrics.forService(name),
      tracing: this.tracing.forService(name),
      supervisor: this.supervisor,
      data: this.data,
      signal: this.signal,
    };
  }

  /** Opens a port and closes it after every service that was started later. */
  async openPort<Port, Section extends TObject>(
    provider: PortProvider<Port, Section>,
    config: Static<Section>,
  ): Promise<Port> {
    this.#refuseWhenStopping(provider.section);
    const open = await provider.open({ ...this.contextFor(provider.section), config });
    await this.addPart({
      name: provider.section,
      ready: () => open.ready(),
      stop: () => open.close(),
    });
    return open.port;
  }

  async startService<Section extends TObject, Ports>(
    definition: ServiceDefinition<Section, Ports>,
    config: Static<Section>,
    ports: Ports,
  ): Promise<RunningService> {
    this.#refuseWhenStopping(definition.name);
    const startedMs = this.#realClock.monotonicMs();
    const context = { ...this.contextFor(definition.name), ...ports, config };
    const service = await definition.create(context);
    await this.addPart({
      name: definition.name,
      ready: () => service.ready(),
      stop: () => service.stop(),
    });
    const tookMs = Math.round(this.#realClock.monotonicMs() - startedMs);
    this.log.info({ service: definition.name, tookMs }, `${definition.name} started`);
    return service;
  }

  /** Anything else that must be ready and must be stopped, e.g. a server. */
  async addPart(part: Part): Promise<void> {
    invariant(
      !this.#parts.some((known) => known.name === part.name),
      `every part of a process has its own name, "${part.name}" is given twice`,
    );
    if (this.#stopping !== undefined) {
      // It was starting while the process was told to stop: nobody else will stop it.
      await part.stop();
      this.#refuseWhenStopping(part.name);
    }
    this.#parts.push(part);
  }

  ready(): Readiness {
    const states = Object.fromEntries(this.#parts.map((part) => [part.name, readinessNow(part)]));
    const all = readinessOf(states);
    return this.signal.aborted ? { ...all, ...notReady('stopping') } : all;
  }

  /** `/health`, `/ready` and `/metrics`, for the gateway or the health server to mount. */
  healthRoutes(): readonly HttpRoute[] {
    return healthRoutes({
      name: this.#name,
      ready: () => this.ready(),
      metrics: this.metrics,
      clock: this.#realClock,
    });
  }

  get #name(): string {
    return String(this.log.bindings()['name'] ?? 'cerberus');
  }

  /** Drains on SIGTERM, SIGINT and SIGHUP; a second signal ends the process at once. A stray error ends it too. */
  handleProcessEvents(): void {
    for (const [signal, code] of Object.entries(SIGNALS)) {
      process.on(signal, () => {
        if (this.#stopping !== undefined) {
          this.log.warn(`${signal} again: stopping at once`);
          this.#exit(code);
          return;
        }
        this.log.info(`${signal}: stopping within ${this.#config.drainTimeoutMs} ms`);
        void this.stop().then((isClean) => this.#exit(isClean ? 0 : EXIT_FAILURE));
      });
    }
    process.on('uncaughtException', (error) =>
      this.supervisor.stop(error, { component: 'process' }),
    );
    process.on('unhandledRejection', (error) =>
      this.supervisor.stop(error, { component: 'process' }),
    );
  }

  /** Stops every part, the last started first. True when all stopped in time and without error. */
  stop(): Promise<boolean> {
    this.#stopping ??= this.#stopParts();
    return this.#stopping;
  }

  async #stopParts(): Promise<boolean> {
    const deadlineMs = this.#realClock.monotonicMs() + this.#config.drainTimeoutMs;
    this.#aborter.abort(new Error('stopping'));
    let isClean = true;
    for (const part of [...this.#parts].reverse()) {
      const leftMs = Math.max(0, deadlineMs - this.#realClock.monotonicMs());
      const outcome = await this.#stopPart(part, leftMs);
      if (outcome === undefined) continue;
      isClean = false;
      this.log.error({ part: part.name }, `${part.name} did not stop: ${outcome}`);
    }
    await this.tracing.shutdown().catch((error: unknown) => {
      this.log.warn({ err: error }, 'the last traces could not be sent');
    });
    this.data.close();
    this.log.info(isClean ? 'stopped' : 'stopped, not cleanly');
    return isClean;
  }

  /** What went wrong, or nothing. */
  #stopPart(part: Part, leftMs: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = this.#realClock.after(leftMs, () => resolve('out of time'));
      const finish = (outcome: string | undefined): void => {
        timer.cancel();
        resolve(outcome);
      };
      part.stop().then(
        () => finish(undefined),
        (error: unknown) => finish(messageOf(error)),
      );
    });
  }

  #refuseWhenStopping(name: string): void {
    if (this.#stopping === undefined) return;
    throw new CerberusError(
      faultOf(RUNTIME_ERRORS.STOPPING, {
        message: `${name} was not started: the process is stopping`,
      }),
    );
  }
}

function readinessNow(part: Part): Readiness {
  try {
    return part.ready();
  } catch (error) {
    return notReady(`its state cannot be read: ${messageOf(error)}`);
  }
}
