import { join } from 'node:path';
import {
  definePort,
  type HostContext,
  messageOf,
  READY,
  type Static,
  Type,
} from '@cerberus/runtime';
import { Codecs, registrySource } from '@cerberus/schema';
import { BUS_ERRORS } from './errors.ts';
import { RegistryClient } from './registry/registry-client.ts';
import { RegistryFile } from './registry/registry-file.ts';
import { RegistryServer } from './registry/registry-server.ts';

export const SCHEMA_REGISTRY_SECTION = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description: 'An external registry; without it schemas are kept in the data folder',
      }),
    ),
    port: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_535,
        description: 'Serve the built-in registry over HTTP on this port; not served where absent',
      }),
    ),
    host: Type.String({ default: '127.0.0.1', description: 'Address the registry is served on' }),
  },
  { description: 'Avro schemas and their ids.' },
);

export type SchemaRegistryConfig = Static<typeof SCHEMA_REGISTRY_SECTION>;

/** Codecs of all topics, registered, for `runService` and the all-in-one. */
export const codecsPort = definePort<Codecs, typeof SCHEMA_REGISTRY_SECTION>({
  section: 'schemaRegistry',
  config: SCHEMA_REGISTRY_SECTION,
  async open({ data, config, log, clock, signal }) {
    if (config.url !== undefined) {
      const codecs = await openWhenUp(config.url, { log, clock, signal });
      return { port: codecs, ready: () => READY, close: () => Promise.resolve() };
    }
    const file = new RegistryFile(join(data.folder('schemas'), 'registry.jsonl'));
    let server: RegistryServer | undefined;
    const close = async () => {
      await server?.stop();
      file.close();
    };
    try {
      const codecs = await Codecs.open(registrySource(file.registry));
      if (config.port !== undefined) {
        const onError = (error: unknown) => log.error({ err: error }, 'schema registry failed');
        const { host, port } = config;
        server = new RegistryServer({ registry: file.registry, host, port, onError });
        log.info(`schema registry on ${await server.start()}`);
      }
      return { port: codecs, ready: () => READY, close };
    } catch (error) {
      await close();
      throw error;
    }
  },
});

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2000;

/** Services and their registry start together: one that does not answer yet is waited for. */
async function openWhenUp(
  url: string,
  { log, clock, signal }: Pick<HostContext, 'log' | 'clock' | 'signal'>,
): Promise<Codecs> {
  let retryMs = RETRY_FIRST_MS;
  for (;;) {
    try {
      return await Codecs.open(new RegistryClient(url));
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code !== BUS_ERRORS.REGISTRY_UNREACHABLE.code) throw error;
      log.warn(`waiting for the schema registry at ${url}: ${messageOf(error)}`);
      await clock.sleep(retryMs, signal);
      retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
    }
  }
}
