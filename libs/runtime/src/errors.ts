import { defineErrors } from '@cerberus/core';

export const RUNTIME_ERRORS = defineErrors('RUNTIME', {
  CONFIG_INVALID: { title: 'The configuration is not valid', status: 500, retry: 'never' },
  CONFIG_UNREADABLE: {
    title: 'The configuration file cannot be read',
    status: 500,
    retry: 'never',
  },
  DATA_FOLDER_UNUSABLE: { title: 'The data folder cannot be used', status: 500, retry: 'never' },
  DATA_FOLDER_NEWER: {
    title: 'The data folder was written by a newer version',
    status: 500,
    retry: 'never',
  },
  ALREADY_IN_USE: { title: 'Another process uses the same data', status: 500, retry: 'later' },
  STOPPING: { title: 'The process is stopping', status: 503, retry: 'later' },
  JOB_CANCELLED: { title: 'The job was cancelled', status: 503, retry: 'later' },
  JOB_CRASHED: { title: 'The worker died over the job', status: 500, retry: 'never' },
  JOB_QUEUE_FULL: { title: 'Too many jobs are waiting', status: 503, retry: 'later' },
  PORT_TAKEN: { title: 'The port is taken', status: 500, retry: 'later' },
});
