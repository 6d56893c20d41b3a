import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { administratorLogin, secretsOf } from './kafka-security.ts';
import type { Settings } from './settings.ts';

/** Makes the platform's topics, and those of dead letters, where they are missing; rights too where brokers ask for them. */
export function createTopics({ ports, brokers, secure, folder }: Settings, root: string): boolean {
  const list = Array.from({ length: brokers }, (_, n) => `127.0.0.1:${ports.kafka + n}`);
  const main = join(root, 'services', 'cerberus', 'src', 'main.ts');
  const args = [main, 'topics', '--brokers', list.join(','), '--replicas', String(brokers)];
  if (!secure) return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
  const env = { ...process.env, ...administratorLogin(secretsOf(folder)) };
  return spawnSync(process.execPath, [...args, '--acls'], { stdio: 'inherit', env }).status === 0;
}
