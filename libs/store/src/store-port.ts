import { CerberusError, faultOf } from '@cerberus/core';
import {
  definePort,
  type HostContext,
  messageOf,
  readinessOf,
  redactUrl,
  type Static,
  SystemClock,
  Type,
} from '@cerberus/runtime';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.ts';
import { STORE_ERRORS } from './errors.ts';
import type { Store } from './port.ts';
import { type PostgresConnection, PostgresStore } from './postgres-store.ts';

export const STORE_SECTION = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        pattern: '^postgres(ql)?://',
        secret: true,
        description:
          'An external server, `postgres://user:password@host:5432/database`; without it PostgreSQL runs embedded in the data folder',
      }),
    ),
    poolSize: Type.Integer({
      minimum: 1,
      maximum: 200,
      default: 10,
      description: 'Most connections at once',
    }),
    statementTimeoutMs: Type.Integer({
      minimum: 100,
      maximum: 3_600_000,
      default: 30_000,
      description: 'Longest time of one statement',
    }),
    connectTimeoutMs: Type.Integer({
      minimum: 100,
      maximum: 600_000,
      default: 5000,
      description: 'Longest wait for a connection',
    }),
    startTimeoutMs: Type.Integer({
      minimum: 1000,
      maximum: 3_600_000,
      default: 60_000,
      description: 'Longest wait for the server at start, its crash recovery included',
    }),
  },
  { description: 'The relational store.' },
);

export type StoreConfig = Static<typeof STORE_SECTION>;

/** From one attempt to the next, doubling from the first to the second. */
const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5000;

/** A full disk too: readiness says so meanwhile, and the start goes on when there is room. */
const RETRIED: ReadonlySet<string> = new Set([
  STORE_ERRORS.UNAVAILABLE.code,
  STORE_ERRORS.DISK_FULL.code,
]);

/** A server lives in real time, also when the services of a replay live in another. */
const clock = new SystemClock();

/** The relational store for `runService` and the all-in-one. */
export const storePort = definePort<Store, typeof STORE_SECTION>({
  section: 'store',
  config: STORE_SECTION,
  async open(context) {
    const { config, log, metrics } = context;
    const options = { ...config, clock, log, metrics };
    if (config.url !== undefined) {
      const store = await connectWhenUp({ connectionString: config.url }, config.url, context);
      return { port: store, ready: () => store.ready(), close: () => store.close() };
    }
    const engine = await startEmbeddedPostgres({
      folder: context.data.folder('store'),
      privateRoot: context.data.path,
      startTimeoutMs: config.startTimeoutMs,
      clock,
      log,
    });
    const store = await PostgresStore.connect({ ...options, connection: engine.connection });
    return {
      port: store,
      ready: () => readinessOf({ server: engine.ready(), connection: store.ready() }),
      async close() {
        await store.close();
        await engine.stop();
      },
    };
  },
});

/** Services and the database start together: a server that is not there yet is waited for, within a bound. */
async function connectWhenUp(
  connection: PostgresConnection,
  url: string,
  context: HostContext & { readonly config: StoreConfig },
): Promise<PostgresStore> {
  const { config, log, metrics, signal } = context;
  const deadlineMs = clock.monotonicMs() + config.startTimeoutMs;
  for (let retryMs = RETRY_FIRST_MS; ; retryMs = Math.min(retryMs * 2, RETRY_MOST_MS)) {
    try {
      return await PostgresStore.connect({ ...config, connection, clock, log, metrics });
    } catch (error) {
      const isLater = error instanceof CerberusError && RETRIED.has(error.code);
      if (isLater && clock.monotonicMs() < deadlineMs) {
        log.warn(`waiting for PostgreSQL at ${redactUrl(url)}: ${messageOf(error)}`);
        await clock.sleep(retryMs, signal);
        continue;
      }
      const message = `PostgreSQL at ${redactUrl(url)} cannot be used: ${messageOf(error)}`;
      throw new CerberusError(faultOf(STORE_ERRORS.UNAVAILABLE, { message }), { cause: error });
    }
  }
}
