import { join } from 'node:path';
import { RegistryFile, RegistryServer } from '@cerberus/bus';
import { defineService, READY } from '@cerberus/runtime';
import { Type } from 'typebox';

const REGISTRY_SECTION = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', minLength: 1, description: 'Address listened on' }),
    port: Type.Integer({
      default: 8081,
      minimum: 0,
      maximum: 65_535,
      description: 'Port of the REST interface; 0 takes any free one',
    }),
  },
  { description: 'The schema registry of a cluster.' },
);

/**
 * Confluent's schema registry REST interface over a file of this process. Services ask it when they
 * start and when they meet a schema for the first time, and keep what they were told: while it is
 * away nothing stops but starts.
 */
export const registry = defineService({
  name: 'registry',
  config: REGISTRY_SECTION,
  create: async ({ config, data, log }) => {
    const file = new RegistryFile(join(data.folder('schemas'), 'registry.jsonl'));
    const server = new RegistryServer({
      ...{ registry: file.registry, host: config.host, port: config.port },
      onError: (error) => log.error({ err: error }, 'a request failed'),
    });
    try {
      log.info(`schema registry on ${await server.start()}`);
    } catch (error) {
      file.close();
      throw error;
    }
    return {
      ready: () => READY,
      stop: async () => {
        await server.stop();
        file.close();
      },
    };
  },
});
