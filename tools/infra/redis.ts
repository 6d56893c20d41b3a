import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './health.ts';
import type { Part } from './part.ts';
import { ensurePackage, has } from './requirements.ts';
import type { Settings } from './settings.ts';

export function redisPart({ folder: base, ports }: Settings): Part {
  const folder = join(base, 'redis');
  const port = ports.redis;
  return {
    name: 'redis',
    port,
    startMs: 20_000,
    prepare() {
      ensurePackage('redis-server', () => has('redis-server'));
      mkdirSync(folder, { recursive: true });
      // A cache: nothing on disk, the least used goes first.
      const settings = {
        port: String(port),
        bind: '127.0.0.1',
        dir: folder,
        save: '',
        appendonly: 'no',
        maxmemory: '128mb',
        'maxmemory-policy': 'allkeys-lru',
        daemonize: 'no',
      };
      const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
      return { program: 'redis-server', args };
    },
    healthy: async () => (await ask(port, 'PING\r\n'))?.toString().startsWith('+PONG') ?? false,
  };
}
