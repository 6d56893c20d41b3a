import { spawnSync } from 'node:child_process';
import { PART_NAMES, type Settings } from './settings.ts';

/** Whether a container engine answers that can run `docker-compose.yml`. */
export function hasEngine(): boolean {
  const asks = [
    ['info', '--format', '{{.ServerVersion}}'],
    ['compose', 'version'],
  ];
  return asks.every((args) => spawnSync('docker', args, { stdio: 'ignore' }).status === 0);
}

/** The same commands over containers; false where one of them failed. */
export function runContainers(settings: Settings, root: string): boolean {
  const { command, parts, follow, wipe } = settings;
  const all = parts.length === PART_NAMES.length;
  switch (command) {
    case 'up':
      return compose(settings, root, ['up', '--detach', '--wait', ...parts]);
    case 'down':
      // Volumes belong to the whole file; single parts are only taken away.
      return all
        ? compose(settings, root, ['down', ...(wipe ? ['--volumes'] : [])])
        : compose(settings, root, ['rm', '--stop', '--force', ...(wipe ? ['-v'] : []), ...parts]);
    case 'status':
      return compose(settings, root, ['ps', ...parts]);
    case 'logs':
      return compose(settings, root, ['logs', ...(follow ? ['--follow'] : []), ...parts]);
    case 'topics':
      throw new Error('topics are made by the platform itself, not by a container');
  }
}

function compose({ ports }: Settings, root: string, args: readonly string[]): boolean {
  const names = Object.entries(ports).map(([part, port]) => {
    return [`CERBERUS_INFRA_${part.toUpperCase()}_PORT`, String(port)];
  });
  const env = { ...process.env, ...Object.fromEntries(names) };
  const file = ['compose', '--file', 'docker-compose.yml'];
  return spawnSync('docker', [...file, ...args], { cwd: root, stdio: 'inherit', env }).status === 0;
}
