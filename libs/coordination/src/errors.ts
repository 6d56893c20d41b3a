import { type CatalogueEntry, CerberusError, defineErrors, faultOf } from '@cerberus/core';

export const COORDINATION_ERRORS = defineErrors('COORDINATION', {
  NOT_LEADING: { title: 'this instance does not lead', status: 503, retry: 'later' },
  STOPPED: { title: 'coordination is not running', status: 503, retry: 'later' },
  UNREACHABLE: { title: 'ZooKeeper does not answer', status: 503, retry: 'later' },
  INSTANCE_TAKEN: {
    title: 'another process stands for election under the same instance name',
    status: 409,
    retry: 'never',
  },
  FILE_CORRUPT: { title: 'term file is damaged', status: 500, retry: 'never' },
  FILE_NEWER: { title: 'term file is of a newer version', status: 500, retry: 'never' },
});

export function coordinationError(
  entry: CatalogueEntry,
  detail: { readonly message?: string; readonly path?: string } = {},
): CerberusError {
  const { message, path } = detail;
  return new CerberusError(
    faultOf(entry, {
      message: message === undefined ? entry.title : `${entry.title}: ${message}`,
      ...(path === undefined ? {} : { path }),
    }),
  );
}

/** Says which setting to change: whoever reads it has configured two processes alike. */
export function instanceTaken(given: {
  readonly name: string;
  readonly instanceId: string;
}): CerberusError {
  const { name, instanceId } = given;
  return coordinationError(COORDINATION_ERRORS.INSTANCE_TAKEN, {
    path: name,
    message: `"${instanceId}" stands for ${name} already; give each process a host.instance (CERBERUS_HOST_INSTANCE) of its own`,
  });
}
