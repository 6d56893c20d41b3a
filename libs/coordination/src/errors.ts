import { type CatalogueEntry, CerberusError, defineErrors, faultOf } from '@cerberus/core';

export const COORDINATION_ERRORS = defineErrors('COORDINATION', {
  NOT_LEADING: { title: 'this instance does not lead', status: 503, retry: 'later' },
  STOPPED: { title: 'coordination is not running', status: 503, retry: 'later' },
  UNREACHABLE: { title: 'ZooKeeper does not answer', status: 503, retry: 'later' },
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
