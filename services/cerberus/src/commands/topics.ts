import { createKafkaTopics } from '@cerberus/bus';
import { CerberusError, faultOf } from '@cerberus/core';
import { SystemClock } from '@cerberus/runtime';
import { TOPICS } from '@cerberus/schema';
import type { Command } from 'commander';
import { CLI_ERRORS } from './errors.ts';

interface TopicsOptions {
  readonly brokers: string;
  readonly replicas: string;
}

export function addTopicsCommand(program: Command): void {
  program
    .command('topics')
    .description('make the topics of the platform and of their dead letters where they are missing')
    .option('--brokers <host:port,…>', 'some of the brokers', '127.0.0.1:9092')
    .option('--replicas <n>', 'copies of each record; with three, two must have it', '1')
    .addHelpText('after', '\nExample:\n  cerberus topics --brokers kafka-1:9092 --replicas 3\n')
    .action(async ({ brokers, replicas }: TopicsOptions) => {
      const made = await createKafkaTopics({
        connection: {
          brokers: brokers.split(','),
          ...{ clientId: 'cerberus-topics', clock: new SystemClock() },
        },
        topics: Object.values(TOPICS),
        replicas: replicasOf(replicas),
      });
      console.log(made.length === 0 ? 'all topics are there' : `${made.length} topics made`);
    });
}

function replicasOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 9) return count;
  throw new CerberusError(
    faultOf(CLI_ERRORS.OPTION_INVALID, { path: '--replicas', expected: '1 to 9', received: text }),
  );
}
