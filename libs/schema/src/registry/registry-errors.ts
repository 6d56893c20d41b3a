import { defineErrors } from '@cerberus/core';

export const REGISTRY_ERRORS = defineErrors('REGISTRY', {
  SUBJECT_UNKNOWN: { title: 'Subject not found.', status: 404, retry: 'never' },
  VERSION_UNKNOWN: { title: 'Version not found.', status: 404, retry: 'never' },
  SCHEMA_UNKNOWN: { title: 'Schema not found', status: 404, retry: 'never' },
  SUBJECT_DELETED: { title: 'Subject was soft deleted.', status: 404, retry: 'never' },
  SUBJECT_NOT_DELETED: { title: 'Subject was not deleted first.', status: 404, retry: 'never' },
  LEVEL_UNKNOWN: { title: 'No compatibility of its own.', status: 404, retry: 'never' },
  SCHEMA_INVALID: { title: 'Invalid schema', status: 422, retry: 'never' },
  VERSION_INVALID: { title: 'Invalid version', status: 422, retry: 'never' },
  LEVEL_INVALID: { title: 'Invalid compatibility level', status: 422, retry: 'never' },
  INCOMPATIBLE: {
    title: 'Schema is incompatible with an earlier one',
    status: 409,
    retry: 'never',
  },
});

/** Numbers of Confluent's REST interface; clients decide by them. */
export const CONFLUENT_CODES: Readonly<Record<string, number>> = {
  [REGISTRY_ERRORS.SUBJECT_UNKNOWN.code]: 40401,
  [REGISTRY_ERRORS.VERSION_UNKNOWN.code]: 40402,
  [REGISTRY_ERRORS.SCHEMA_UNKNOWN.code]: 40403,
  [REGISTRY_ERRORS.SUBJECT_DELETED.code]: 40404,
  [REGISTRY_ERRORS.SUBJECT_NOT_DELETED.code]: 40405,
  [REGISTRY_ERRORS.LEVEL_UNKNOWN.code]: 40408,
  [REGISTRY_ERRORS.SCHEMA_INVALID.code]: 42201,
  [REGISTRY_ERRORS.VERSION_INVALID.code]: 42202,
  [REGISTRY_ERRORS.LEVEL_INVALID.code]: 42203,
  [REGISTRY_ERRORS.INCOMPATIBLE.code]: 409,
};
