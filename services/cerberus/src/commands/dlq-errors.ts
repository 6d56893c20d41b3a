import { defineErrors } from '@cerberus/core';

export const DLQ_ERRORS = defineErrors('DLQ', {
  LOG_MISSING: { title: 'there is no event log here', status: 404, retry: 'never' },
  TOPIC_UNKNOWN: { title: 'no such topic', status: 404, retry: 'never' },
  LETTER_UNKNOWN: { title: 'no such dead letter', status: 404, retry: 'never' },
  EMPTY: { title: 'the topic has no dead letters', status: 404, retry: 'never' },
  STREAM_NOT_REPLAYABLE: {
    title: 'records of a stream are not put back: newer ones have taken their place',
    status: 409,
    retry: 'never',
  },
  REGISTRY_UNNAMED: {
    title: 'no schema registry is configured to tell what decodes',
    status: 422,
    retry: 'never',
  },
  NO_PROGRESS: { title: 'the event log has stopped answering', status: 503, retry: 'later' },
  UNFINISHED: {
    title: 'the last records may or may not have been put back; run it again',
    status: 503,
    retry: 'query-first',
  },
});
