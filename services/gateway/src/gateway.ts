import type { AddressInfo } from 'node:net';
import { CerberusError } from '@cerberus/core';
import { listenFault, type RunningService, readinessOf } from '@cerberus/runtime';
import { IdempotentWrites, KeyRing } from '@cerberus/web';
import { ReadModel } from './model/read-model.ts';
import { OrderCommands } from './order-commands.ts';
import type { GatewayContext } from './ports.ts';
import { buildServer, problemCatalogue } from './server.ts';
import { AnswerStore } from './store/answer-store.ts';
import { ensureFirstKey, type FirstKey } from './store/first-key.ts';
import { KeyStore } from './store/key-store.ts';
import { GATEWAY_MIGRATIONS } from './store/migrations.ts';

/** A running gateway, with what its host may tell the user. */
export interface RunningGateway extends RunningService {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The key of the data folder and where it is written; undefined where none is kept. */
  readonly firstKey: FirstKey | undefined;
}

/** Reads the topics, then listens: what it answers is complete from the first request on. */
export async function startGateway(context: GatewayContext): Promise<RunningGateway> {
  const { store, clock, config, log, data } = context;
  const answers = new AnswerStore(store, clock);
  const model = new ReadModel(context);
  const commands = new OrderCommands(context, model.orders, `${context.name}-orders`);
  const prepare = async () => {
    await store.migrate('gateway', GATEWAY_MIGRATIONS);
    const keyStore = new KeyStore(store, clock);
    const firstKey = config.firstKey ? await ensureFirstKey(keyStore, data) : undefined;
    const server = await buildServer({
      routes: {
        gateway: context,
        model,
        commands,
        writes: new IdempotentWrites(answers, (error) =>
          log.warn({ err: error }, 'a first answer was given but could not be kept'),
        ),
        risk: {
          position: (id) => model.tables.position.get(id),
          instrument: (id) => model.tables['ref.instrument'].get(id),
          nowUs: () => clock.nowUs(),
          staleAfterMs: config.staleAfterMs,
        },
        catalogue: problemCatalogue(),
      },
      keys: new KeyRing({ source: keyStore, clock }),
      firstKey: firstKey?.text,
    });
    return { server, firstKey };
  };
  const [{ server, firstKey }] = await Promise.all([prepare(), model.start()]);
  const stopPurging = answers.purgeRegularly((error) =>
    log.warn({ err: error }, 'old first answers could not be removed'),
  );
  const release = async (): Promise<void> => {
    stopPurging();
    await server.close();
    await commands.close();
    await model.stop();
  };
  try {
    await server.listen({ host: config.host, port: config.port });
  } catch (error) {
    await release();
    throw portProblem(error, config);
  }
  const { port } = server.server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = `http://${host}:${port}`;
  log.info({ url, keyFile: firstKey?.file }, `gateway answers on ${url}`);
  return {
    url,
    firstKey,
    ready: () => readinessOf({ model: model.ready(), store: store.ready() }),
    stop: release,
  };
}

function portProblem(error: unknown, { host, port }: GatewayContext['config']): unknown {
  const portKey = 'gateway.port (CERBERUS_GATEWAY_PORT)';
  const fault = listenFault(error as NodeJS.ErrnoException, { bind: host, port, portKey });
  return fault === undefined ? error : new CerberusError(fault, { cause: error });
}
