import {
  applyKafkaRights,
  BUS_SECTION,
  createKafkaTopics,
  type KafkaSecurity,
  readSecurity,
} from '@cerberus/bus';
import { CerberusError, faultOf, unwrap } from '@cerberus/core';
import { loadConfig, SystemClock } from '@cerberus/runtime';
import { ACCESS, TOPICS } from '@cerberus/schema';
import type { Command } from 'commander';
import { CLI_ERRORS } from './errors.ts';

interface TopicsOptions {
  readonly brokers?: string;
  readonly replicas: string;
  readonly config?: string;
  readonly acls?: boolean;
}

const LOCAL_BROKER = '127.0.0.1:9092';

export function addTopicsCommand(program: Command): void {
  program
    .command('topics')
    .description('make the topics of the platform and of their dead letters where they are missing')
    .option(
      '--brokers <host:port,…>',
      `some of the brokers (default: bus.kafka.brokers, else ${LOCAL_BROKER})`,
    )
    .option('--replicas <n>', 'copies of each record; with three, two must have it', '1')
    .option(
      '--config <file>',
      'YAML settings: bus.kafka.tls and bus.kafka.sasl of an administrator',
    )
    .option(
      '--acls',
      'also give the user of each service its rights, and take away what it has beside',
    )
    .addHelpText(
      'after',
      `
Examples:
  cerberus topics --brokers kafka-1:9092 --replicas 3
  cerberus topics --config admin.yaml --replicas 3 --acls
`,
    )
    .action(async ({ brokers, replicas, config, acls }: TopicsOptions) => {
      const connection = {
        ...connectionOf(config, brokers),
        ...{ clientId: 'cerberus-topics', clock: new SystemClock() },
      };
      const made = await createKafkaTopics({
        ...{ connection, topics: Object.values(TOPICS), replicas: replicasOf(replicas) },
      });
      console.log(made.length === 0 ? 'all topics are there' : `${made.length} topics made`);
      if (acls !== true) return;
      const { granted, removed } = await applyKafkaRights({
        ...{ connection, access: ACCESS, topics: Object.keys(TOPICS) },
      });
      console.log(`rights of ${ACCESS.length} users: ${granted} granted, ${removed} removed`);
    });
}

function connectionOf(
  file: string | undefined,
  brokers: string | undefined,
): { brokers: readonly string[]; security: KafkaSecurity } {
  const { values } = unwrap(
    loadConfig({ sections: { bus: BUS_SECTION }, file, foreignSections: 'ignore' }),
  );
  const { kafka } = values.bus;
  const configured = kafka.brokers.length > 0 ? kafka.brokers : [LOCAL_BROKER];
  const chosen = brokers?.split(',') ?? configured;
  return { brokers: chosen, security: readSecurity({ ...kafka, brokers: chosen }) };
}

function replicasOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 9) return count;
  throw new CerberusError(
    faultOf(CLI_ERRORS.OPTION_INVALID, { path: '--replicas', expected: '1 to 9', received: text }),
  );
}
