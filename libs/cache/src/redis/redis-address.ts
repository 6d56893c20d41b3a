import { CerberusError, faultOf } from '@cerberus/core';
import { CACHE_ERRORS } from '../errors.ts';

const DEFAULT_PORT = 6379;
const FORM = 'redis://[[user]:password@]host[:port][/database]';

export interface RedisAddress {
  /** For messages: where it is, without user and password. */
  readonly text: string;
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly isEncrypted: boolean;
  /** As AUTH takes them. */
  readonly credentials:
    | readonly [user: string, password: string]
    | readonly [password: string]
    | [];
}

/** Reads `redis://[[user]:password@]host[:port][/database]`; `rediss` is the same over TLS. */
export function redisAddress(url: string): RedisAddress {
  const parsed = URL.parse(url);
  if (parsed === null) throw refusal(url, 'is not a URL');
  const { protocol, hostname, port, pathname, search, hash } = parsed;
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw refusal(url, 'begins with neither redis:// nor rediss://');
  }
  if (hostname === '') throw refusal(url, 'names no host');
  if (search !== '' || hash !== '') throw refusal(url, 'takes nothing after the database');
  const database = pathname.replace(/^\/?/, '');
  if (!/^\d{0,4}$/.test(database)) throw refusal(url, 'ends in a database that is no number');
  const portNumber = port === '' ? DEFAULT_PORT : Number(port);
  return {
    text: `${protocol}//${hostname}:${portNumber}${database === '' ? '' : `/${database}`}`,
    // An IPv6 address is in brackets in a URL and without them in a socket call.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: portNumber,
    database: Number(database),
    isEncrypted: protocol === 'rediss:',
    credentials: credentialsOf(url, parsed),
  };
}

function credentialsOf(url: string, { username, password }: URL): RedisAddress['credentials'] {
  if (username !== '' && password === '') throw refusal(url, 'names a user without a password');
  try {
    const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
    if (secret === '') return [];
    return user === '' ? [secret] : [user, secret];
  } catch {
    throw refusal(url, 'has a % in user or password that begins no encoded character');
  }
}

function refusal(url: string, why: string): CerberusError {
  // Up to the last @: in an address that is not valid a password may hold anything.
  const received = url.replace(/\/\/.*@/s, '//[redacted]@');
  const message = `cache.url ${received} ${why}; it is ${FORM}`;
  return new CerberusError(
    faultOf(CACHE_ERRORS.URL_INVALID, { message, expected: FORM, received }),
  );
}
