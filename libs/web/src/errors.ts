import { defineErrors } from '@cerberus/core';

export const WEB_ERRORS = defineErrors('WEB', {
  KEY_MISSING: { title: 'An API key is needed', status: 401, retry: 'never' },
  KEY_INVALID: { title: 'The API key is not valid', status: 401, retry: 'never' },
  RIGHT_MISSING: { title: 'The API key lacks the right', status: 403, retry: 'never' },
  ORIGIN_REFUSED: { title: 'The origin is not allowed', status: 403, retry: 'never' },
  NOT_FOUND: { title: 'Nothing is here', status: 404, retry: 'never' },
  BODY_MALFORMED: { title: 'The body is not JSON', status: 400, retry: 'never' },
  REQUEST_MALFORMED: { title: 'The request is malformed', status: 400, retry: 'never' },
  REQUEST_INVALID: { title: 'The request does not fit its schema', status: 400, retry: 'never' },
  CURSOR_INVALID: { title: 'The cursor is not one of ours', status: 400, retry: 'never' },
  IDEMPOTENCY_KEY_INVALID: {
    title: 'The idempotency key is malformed',
    status: 400,
    retry: 'never',
  },
  IDEMPOTENCY_MISMATCH: {
    title: 'The idempotency key was used with another request',
    status: 409,
    retry: 'never',
  },
  IDEMPOTENCY_IN_PROGRESS: {
    title: 'A request with this idempotency key is being worked on',
    status: 409,
    retry: 'later',
  },
  BODY_TOO_LARGE: { title: 'The body is too large', status: 413, retry: 'never' },
  MEDIA_TYPE: { title: 'The media type is not supported', status: 415, retry: 'never' },
  RATE_LIMITED: { title: 'Too many requests', status: 429, retry: 'later' },
  INTERNAL: { title: 'The server failed', status: 500, retry: 'query-first' },
  DEPENDENCY_DOWN: { title: 'A dependency does not answer', status: 503, retry: 'later' },
  TIMEOUT: { title: 'The request took too long', status: 503, retry: 'query-first' },
  STREAMS_FULL: { title: 'Too many streams are open', status: 503, retry: 'later' },
  STREAM_SLOW: { title: 'The reader is too slow for this stream', status: 503, retry: 'later' },
  STREAM_UNSUBSCRIBED: { title: 'No subscription came in time', status: 400, retry: 'never' },
});
