// Ports describe their config sections with the same schema builder as the host.
export { type Static, Type } from 'typebox';
export { SystemClock, sleepOn } from './clock.ts';
export {
  type ConfigValues,
  DEFAULT_CONFIG_FILE,
  type LoadedConfig,
  type LoadOptions,
  loadConfig,
} from './config/load.ts';
export type { Sections } from './config/schema-node.ts';
export { renderConfigTable } from './config/table.ts';
export {
  DATA_FORMAT_VERSION,
  DataFolder,
  type DataFolderOptions,
  syncFolder,
  writeDurably,
} from './data-folder.ts';
export { RUNTIME_ERRORS } from './errors.ts';
export {
  type HealthServer,
  type HealthServerOptions,
  listenFault,
  matchPath,
  startHealthServer,
} from './health-server.ts';
export { type HostOptions, ServiceHost } from './host.ts';
export { HOST_SECTION, type HostConfig, UNNAMED_INSTANCE } from './host-section.ts';
export type { HttpRoute, HttpRouteReply, HttpRouteRequest } from './http-route.ts';
export { UuidV7Source } from './ids.ts';
export { acquireInstanceLock, type InstanceLock } from './instance-lock.ts';
export { createLogger, type Logger, type LogLevel, type LogOptions, redactUrl } from './log.ts';
export {
  type CounterMetric,
  type GaugeMetric,
  type HistogramMetric,
  type Labels,
  Metrics,
} from './metrics.ts';
export { notReady, READY, type Readiness, readinessOf } from './readiness.ts';
export type { SpanRecord } from './recent-spans.ts';
export { SeededRng, SystemRng } from './rng.ts';
export { runService } from './run-service.ts';
export {
  definePort,
  defineService,
  type HostContext,
  type OpenPort,
  type PortProvider,
  type PortProviders,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
} from './service.ts';
export {
  type CrashSite,
  createSupervisor,
  messageOf,
  type Supervisor,
  type SupervisorOptions,
  type Verdict,
} from './supervisor.ts';
export { TapeClock } from './tape-clock.ts';
export {
  type ActiveSpan,
  createTracing,
  extractTrace,
  type SpanOptions,
  type TraceHeaders,
  type Tracing,
  type TracingHost,
  type TracingOptions,
} from './tracing.ts';
export type { JobModule } from './worker-job.ts';
export {
  type NamedJob,
  type RunAllOptions,
  THREADS_MAX,
  threadsAvailable,
  WorkerPool,
  type WorkerPoolOptions,
} from './worker-pool.ts';
