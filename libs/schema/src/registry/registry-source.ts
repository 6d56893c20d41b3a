import { unwrap } from '@cerberus/core';
import type { SchemaSource } from '../codecs.ts';
import type { SchemaRegistry } from './schema-registry.ts';

/** The registry as codecs in the same process use it. */
export function registrySource(registry: SchemaRegistry): SchemaSource {
  return {
    register: (subject, schema) =>
      new Promise((resolve) => {
        resolve(unwrap(registry.register(subject, schema)).id);
      }),
    schemaText: (id) => Promise.resolve(registry.schemaText(id)),
  };
}
