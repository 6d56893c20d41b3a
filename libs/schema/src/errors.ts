import { defineErrors } from '@cerberus/core';

export const SCHEMA_ERRORS = defineErrors('SCHEMA', {
  FRAME_INVALID: { title: 'not a framed Avro message', status: 500, retry: 'never' },
  ID_UNKNOWN: { title: 'schema id is not known', status: 503, retry: 'later' },
  INCOMPATIBLE: { title: 'writer schema cannot be read', status: 500, retry: 'never' },
  PAYLOAD_INVALID: { title: 'payload does not match its schema', status: 500, retry: 'never' },
  VALUE_INVALID: { title: 'value does not match the schema', status: 500, retry: 'never' },
});
