export { BUS_SECTION, type BusConfig, busPort } from './bus-port.ts';
export {
  codecsPort,
  SCHEMA_REGISTRY_SECTION,
  type SchemaRegistryConfig,
} from './codecs-port.ts';
export { EmbeddedBus, type EmbeddedBusOptions } from './embedded/embedded-bus.ts';
export { BUS_ERRORS, busError, isFenced } from './errors.ts';
export { KafkaBus, type KafkaBusOptions } from './kafka/kafka-bus.ts';
export { type AppliedRights, applyKafkaRights } from './kafka/kafka-rights.ts';
export { type CreateTopicsOptions, createKafkaTopics } from './kafka/kafka-topics.ts';
export { type AclBinding, bindingsOf } from './kafka/rights.ts';
export type { KafkaLogin, KafkaSecurity } from './kafka/security.ts';
export { readSecurity, type SecuritySettings } from './kafka/security-config.ts';
export { partitionOf } from './partitioner.ts';
export {
  type Batch,
  type Bus,
  type Commit,
  DEAD_LETTER_SUFFIX,
  type Follower,
  type FollowOptions,
  type GroupOffsets,
  type GroupOptions,
  type IncomingRecord,
  type Offsets,
  type OutgoingRecord,
  type Position,
  type StreamProducer,
  type Subscription,
  type TopicPartition,
  type TopicSpec,
  type TransactionalProducer,
} from './port.ts';
export type { StateSerializer, StateTopic } from './processor/changelog.ts';
export {
  type DeadLetterReason,
  type DeadLetterSink,
  deadLetter,
  reasonOf,
} from './processor/dead-letter.ts';
export {
  type DeadLetter,
  type ReplayMark,
  readDeadLetter,
  replayOf,
  replaysOf,
  type SourcePosition,
} from './processor/dead-letter-replay.ts';
export { DeadLetterWriter } from './processor/dead-letter-writer.ts';
export type { HandlerContext } from './processor/handler-context.ts';
export { jsonSerializer } from './processor/json-serializer.ts';
export { LedgerWriter, type LedgerWriterOptions } from './processor/ledger-writer.ts';
export { type LogTail, tailOffsets } from './processor/log-tail.ts';
export {
  type BusHost,
  type InputOf,
  type OutgoingOptions,
  outgoingRecord,
} from './processor/message.ts';
export {
  type OwnershipChange,
  type OwnershipListener,
  PartitionOwner,
  type PartitionOwnerOptions,
} from './processor/partition-owner.ts';
export { PartitionedProcessor, type ProcessorOptions } from './processor/partitioned-processor.ts';
export { StreamReader, type StreamReaderOptions } from './processor/stream-reader.ts';
export { type TableEntry, TableView, type TableViewOptions } from './processor/table-view.ts';
export type { StateStore } from './processor/task-state.ts';
export { RegistryClient } from './registry/registry-client.ts';
export { RegistryFile } from './registry/registry-file.ts';
export { RegistryServer, type RegistryServerOptions } from './registry/registry-server.ts';
export { deadLetterTopic } from './topic-table.ts';
