export type { ServiceAccess } from './access.ts';
export { Codecs, type SchemaSource } from './codecs.ts';
export { SCHEMA_ERRORS } from './errors.ts';
export { ACCESS } from './generated/access.ts';
export type * from './generated/messages.ts';
export {
  ADJUSTMENT_REASON_VALUES,
  ALERT_SEVERITY_VALUES,
  ALERT_STATE_VALUES,
  BAR_SOURCE_VALUES,
  BOOK_KIND_VALUES,
  BREAKER_STATE_VALUES,
  CHECK_SEVERITY_VALUES,
  EXERCISE_STYLE_VALUES,
  FEED_STATE_VALUES,
  INSTRUMENT_KIND_VALUES,
  INSTRUMENT_STATUS_VALUES,
  LEADER_STATE_VALUES,
  LIQUIDITY_VALUES,
  OPTION_TYPE_VALUES,
  ORDER_STATUS_VALUES,
  ORDER_TYPE_VALUES,
  OUTCOME_VALUES,
  QUALITY_VALUES,
  REQUEST_KIND_VALUES,
  SCOPE_VALUES,
  SIDE_VALUES,
  TIME_IN_FORCE_VALUES,
  URGENCY_VALUES,
} from './generated/messages.ts';
export { SCHEMAS } from './generated/schemas.ts';
export { type MessageByTopic, TOPICS, type TopicName } from './generated/topics.ts';
export { partitionKey, recordKey } from './record-key.ts';
export { type CompatibilityLevel, incompatibilities } from './registry/compatibility.ts';
export { CONFLUENT_CODES, REGISTRY_ERRORS } from './registry/registry-errors.ts';
export { registrySource } from './registry/registry-source.ts';
export {
  type RegistryEvent,
  SchemaRegistry,
  type SchemaVersion,
} from './registry/schema-registry.ts';
export type { TopicDefinition } from './topic.ts';
