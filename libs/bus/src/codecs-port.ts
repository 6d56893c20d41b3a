import { join } from 'node:path';
import { definePort, READY, type Static, Type } from '@cerberus/runtime';
import { Codecs, registrySource } from '@cerberus/schema';
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
  async open({ data, config, log }) {
    if (config.url !== undefined) {
      const codecs = await Codecs.open(new RegistryClient(config.url));
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
