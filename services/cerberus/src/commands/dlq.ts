import { type DeadLetter, deadLetterTopic } from '@cerberus/bus';
import { faultOf } from '@cerberus/core';
import { TOPICS, type TopicName } from '@cerberus/schema';
import type { Command } from 'commander';
import { type AccessOptions, type LogAccess, openLog } from './dlq-access.ts';
import {
  type LetterPlace,
  letterUnknown,
  placeText,
  readLetters,
  requireSome,
  summarise,
  topicNamed,
} from './dlq-letters.ts';
import { replay } from './dlq-replay.ts';
import {
  documentOf,
  letterText,
  reportDocument,
  reportText,
  summaryDocument,
  summaryText,
} from './dlq-text.ts';
import { CLI_ERRORS } from './errors.ts';
import { EXIT_FAILURE } from './failure.ts';
import { faulty } from './input.ts';
import { wholeFlag } from './options.ts';

interface PlaceOptions extends AccessOptions {
  readonly partition?: string;
  readonly offset?: string;
  readonly limit: string;
  readonly json?: boolean;
}

interface ListOptions extends AccessOptions {
  readonly topic?: string;
  readonly json?: boolean;
}

interface ReplayOptions extends PlaceOptions {
  readonly all?: boolean;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly again?: boolean;
  readonly force?: boolean;
}

const SHOWN_MAX = 1000;
const REPLAYED_MAX = 100_000;

const WHERE = `
The log is that of the configuration: Kafka where bus.kafka.brokers names some (then schemaRegistry.url
says what decodes), else the data folder, which a running process keeps locked: stop it first.
`;
const REPLAY_HELP = `
A replay puts the record, as it came, on the partition it came from, with the headers "replay" (how often)
and "replay_of". A mark in the dead letter topic commits with it: what was put back is not put back again,
unless --again. Records that still do not decode are left out unless --force, and so are records of tables
that a newer one of their key has replaced. Streams are not replayed.

Every reader of the topic sees the record again, also those that had used it: readers of ledgers know
records by their business ids (request_id, fill_id, …) and do not act twice. An order request that was
never decided is decided now, by the prices and limits of now: look at its age first.
`;

export function addDlqCommand(program: Command): void {
  const dlq = program
    .command('dlq')
    .description('records that services could not use: list, look at, put back');
  const withAccess = (command: Command) =>
    command
      .option('--config <file>', 'YAML configuration (default: cerberus.yaml where it exists)')
      .option('--data-dir <dir>', 'data folder of the built-in log (default: host.dataDir)')
      .option('--json', 'print JSON');
  withAccess(dlq.command('ls').description('topics that have dead letters'))
    .option('--topic <topic>', 'only this one')
    .addHelpText('after', `${WHERE}\nExample:\n  cerberus dlq ls\n`)
    .action((options: ListOptions) => {
      const topics =
        options.topic === undefined ? Object.keys(TOPICS) : [topicNamed(options.topic)];
      return withLog(options, (log) => list(log, topics, options));
    });
  withAccess(dlq.command('show').description('the newest dead letters of a topic'))
    .argument('<topic>', 'e.g. order.request')
    .option('--partition <n>', 'only of this partition')
    .option('--offset <n>', 'only the letter at this offset of <topic>.dlq')
    .option('--limit <n>', 'at most so many', '10')
    .addHelpText('after', `${WHERE}\nExample:\n  cerberus dlq show order.request --limit 1\n`)
    .action((text: string, options: PlaceOptions) => {
      const topic = topicNamed(text);
      return withLog(options, (log) => show(log, topic, options));
    });
  withAccess(dlq.command('replay').description('put records back on the topic they came from'))
    .argument('<topic>', 'e.g. order.request')
    .option('--partition <n>', 'with --offset: of one letter, as "show" names it')
    .option('--offset <n>', 'its offset in <topic>.dlq')
    .option('--all', 'every letter of the topic')
    .option('--reason <code>', 'only those set aside for this reason')
    .option('--limit <n>', 'at most so many records in this run', '10000')
    .option('--dry-run', 'count, and put nothing back')
    .option('--again', 'also what was put back before')
    .option('--force', 'also what does not decode or has been replaced')
    .addHelpText(
      'after',
      `${REPLAY_HELP}${WHERE}\nExample:\n  cerberus dlq replay order.request --all --dry-run\n  cerberus dlq replay order.request --partition 3 --offset 17\n`,
    )
    .action((text: string, options: ReplayOptions) => {
      const topic = topicNamed(text);
      return withLog(options, (log) => putBack(log, topic, options));
    });
}

async function withLog(
  options: AccessOptions,
  work: (log: LogAccess) => Promise<void>,
): Promise<void> {
  const log = await openLog(options);
  try {
    await work(log);
  } finally {
    await log.close();
  }
}

async function list(
  log: LogAccess,
  topics: readonly string[],
  { json }: ListOptions,
): Promise<void> {
  const found = await summarise(log, topics);
  if (json === true) console.log(JSON.stringify({ topics: found.map(summaryDocument) }));
  else console.log(summaryText(found));
}

async function show(log: LogAccess, topic: TopicName, options: PlaceOptions): Promise<void> {
  const limit = wholeFlag('--limit', options.limit, [1, SHOWN_MAX]);
  const partition = partitionFlag(log, topic, options);
  const offset = offsetFlag(options);
  const letters: DeadLetter[] = [];
  const replays = new Map<string, number>();
  let count = 0;
  await readLetters(log, [topic], (entry) => {
    if (entry.kind === 'replayed') {
      replays.set(placeText(entry.source), entry.replays);
      return;
    }
    count += 1;
    if (partition !== undefined && entry.record.partition !== partition) return;
    if (offset !== undefined && entry.record.offset !== offset) return;
    letters.push(entry);
    if (letters.length > limit) letters.shift();
  });
  requireSome(count, topic);
  if (partition !== undefined && offset !== undefined && letters.length === 0) {
    throw letterUnknown(topic, { partition, offset });
  }
  const documents = [];
  for (const letter of letters) documents.push(await documentOf(log, letter, replays));
  if (options.json === true) console.log(JSON.stringify({ topic, letters: documents }));
  else console.log(documents.map(letterText).join('\n\n') || `no letter of ${topic} is meant`);
}

async function putBack(log: LogAccess, topic: TopicName, options: ReplayOptions): Promise<void> {
  const dryRun = options.dryRun === true;
  const report = await replay(log, {
    topic,
    at: selection(log, topic, options),
    reason: options.reason,
    limit: wholeFlag('--limit', options.limit, [1, REPLAYED_MAX]),
    dryRun,
    again: options.again === true,
    force: options.force === true,
  });
  if (options.json === true) console.log(JSON.stringify(reportDocument(topic, report, dryRun)));
  else console.log(reportText(topic, report, dryRun));
  if (report.refused.length > 0) process.exitCode = EXIT_FAILURE;
}

/** One letter, or all: what is meant has to be said. */
function selection(
  log: LogAccess,
  topic: TopicName,
  options: ReplayOptions,
): LetterPlace | undefined {
  const partition = partitionFlag(log, topic, options);
  const offset = offsetFlag(options);
  const isOne = partition !== undefined && offset !== undefined;
  if (isOne && options.all !== true) return { partition, offset };
  const isAll = options.all === true && partition === undefined && offset === undefined;
  if (isAll) return undefined;
  throw faulty(
    faultOf(CLI_ERRORS.OPTION_INVALID, {
      path: '--all',
      expected: 'either --all, or --partition and --offset of one letter',
      received: options.all === true ? 'both' : 'neither',
    }),
  );
}

function partitionFlag(
  { bus }: LogAccess,
  topic: TopicName,
  { partition }: PlaceOptions,
): number | undefined {
  if (partition === undefined) return undefined;
  return wholeFlag('--partition', partition, [0, bus.partitions(deadLetterTopic(topic)) - 1]);
}

function offsetFlag({ offset, partition }: PlaceOptions): bigint | undefined {
  if (offset === undefined) return undefined;
  const isWhole = /^\d{1,18}$/.test(offset);
  if (isWhole && partition !== undefined) return BigInt(offset);
  const expected = isWhole ? '--partition beside it' : 'a whole number from 0';
  const received = offset.slice(0, 40);
  throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path: '--offset', expected, received }));
}
