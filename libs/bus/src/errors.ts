import {
  type CatalogueEntry,
  CerberusError,
  defineErrors,
  type Fault,
  faultOf,
} from '@cerberus/core';

export const BUS_ERRORS = defineErrors('BUS', {
  FENCED: { title: 'a newer producer holds this transactional id', status: 503, retry: 'never' },
  TRANSACTION_EXPIRED: {
    title: 'the broker ended a transaction that was open for too long',
    status: 503,
    retry: 'query-first',
  },
  PRODUCER_CLOSED: { title: 'producer is closed or failed before', status: 503, retry: 'later' },
  STOPPED: { title: 'bus is not running', status: 503, retry: 'later' },
  TOPIC_UNKNOWN: { title: 'topic is not declared', status: 500, retry: 'never' },
  TOPIC_CLASS: { title: 'topic is of the other class', status: 500, retry: 'never' },
  RECORD_TOO_LARGE: { title: 'record is too large', status: 413, retry: 'never' },
  COMMIT_FAILED: { title: 'commit failed', status: 503, retry: 'query-first' },
  BUFFER_FULL: { title: 'write buffer is full', status: 503, retry: 'later' },
  REGISTRY_UNREACHABLE: { title: 'schema registry does not answer', status: 503, retry: 'later' },
  REGISTRY_REFUSED: { title: 'schema registry refuses', status: 500, retry: 'never' },
  FILE_LOCKED: { title: 'log file is in use', status: 503, retry: 'never' },
  FILE_CORRUPT: { title: 'log file is damaged', status: 500, retry: 'never' },
  FILE_NEWER: { title: 'log file is of a newer version', status: 500, retry: 'never' },
  STATE_UNREADABLE: {
    title: 'saved state cannot be read',
    status: 500,
    retry: 'never',
  },
  BROKER_UNREACHABLE: { title: 'Kafka does not answer', status: 503, retry: 'later' },
  SECURITY_INVALID: {
    title: 'security settings of Kafka cannot be used',
    status: 500,
    retry: 'never',
  },
  TLS_FAILED: { title: 'no trusted connection to Kafka', status: 503, retry: 'later' },
  // Later, because a password changes at the brokers and here at different moments.
  LOGIN_REFUSED: { title: 'Kafka refuses user name or password', status: 503, retry: 'later' },
  NOT_AUTHORISED: { title: 'a right is missing in Kafka', status: 500, retry: 'never' },
  OFFSET_OUT_OF_RANGE: { title: 'records to be read are gone', status: 500, retry: 'never' },
  TOPIC_MISSING: { title: 'topic is missing in Kafka', status: 500, retry: 'never' },
  TOPIC_MISMATCH: {
    title: 'topic in Kafka is not as declared',
    status: 500,
    retry: 'never',
  },
  FILE_UNUSABLE: { title: 'log file cannot be opened', status: 500, retry: 'never' },
});

export function busError(
  entry: CatalogueEntry,
  detail: Partial<Omit<Fault, 'code'>> = {},
  cause?: unknown,
): CerberusError {
  const text = detail.message === undefined ? {} : { message: `${entry.title}: ${detail.message}` };
  return new CerberusError(
    faultOf(entry, { ...detail, ...text }),
    cause === undefined ? undefined : { cause },
  );
}

/**
 * Whether the holder must take it that another has the id now. A transaction that expired may mean
 * that too: whoever was asleep for so long may have been replaced.
 */
export function isFenced(error: unknown): boolean {
  return (
    error instanceof CerberusError && (error.code === BUS_ERRORS.FENCED.code || isExpired(error))
  );
}

export function isExpired(error: unknown): boolean {
  return error instanceof CerberusError && error.code === BUS_ERRORS.TRANSACTION_EXPIRED.code;
}

const NEVER = new Set<string>(
  Object.values(BUS_ERRORS)
    .filter(({ retry }) => retry === 'never')
    .map(({ code }) => code),
);

/** Whether the same commit would be refused again, whoever tries. Being fenced is not of this kind. */
export function isHopeless(error: unknown): boolean {
  return error instanceof CerberusError && NEVER.has(error.code) && !isFenced(error);
}
