import { createHmac, timingSafeEqual } from 'node:crypto';
import { missingParameter, VenueError } from '../exchange/venue-error.ts';

export interface ApiKey {
  readonly apiKey: string;
  readonly secret: string;
  readonly account: string;
}

const DEFAULT_RECV_WINDOW_MS = 5000;
const RECV_WINDOW_MAX_MS = 60_000;
/** A client clock may be this far ahead. */
const AHEAD_MAX_MS = 1000;

/** The venue's checks of key, age and signature, in its order and with its codes. */
export class Authentication {
  readonly #keys: ReadonlyMap<string, ApiKey>;

  constructor(keys: readonly ApiKey[]) {
    this.#keys = new Map(keys.map((key) => [key.apiKey, key]));
  }

  key(apiKey: string | undefined): ApiKey {
    if (apiKey === undefined || apiKey === '') {
      throw new VenueError(-2014, 'API-key format invalid.', 401);
    }
    const known = this.#keys.get(apiKey);
    if (known === undefined) {
      throw new VenueError(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
    }
    return known;
  }

  /** `payload` is what was signed: everything sent but the signature itself. */
  verify(
    key: ApiKey,
    request: {
      readonly params: ReadonlyMap<string, string>;
      readonly payload: string;
      readonly nowMs: number;
    },
  ): void {
    const { params, payload, nowMs } = request;
    const signature = params.get('signature');
    if (signature === undefined) throw missingParameter('signature');
    const timestamp = integer(params, 'timestamp');
    if (timestamp === undefined) throw missingParameter('timestamp');
    const recvWindow = integer(params, 'recvWindow') ?? DEFAULT_RECV_WINDOW_MS;
    if (recvWindow > RECV_WINDOW_MAX_MS) {
      throw new VenueError(-1131, 'recvWindow must be less than 60000.');
    }
    if (timestamp > nowMs + AHEAD_MAX_MS) {
      throw new VenueError(
        -1021,
        "Timestamp for this request was 1000ms ahead of the server's time.",
      );
    }
    if (nowMs - timestamp > recvWindow) {
      throw new VenueError(-1021, 'Timestamp for this request is outside of the recvWindow.');
    }
    const expected = createHmac('sha256', key.secret).update(payload).digest();
    const given = Buffer.from(signature, 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new VenueError(-1022, 'Signature for this request is not valid.');
    }
  }
}

function integer(params: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = params.get(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,16}$/.test(text)) {
    throw new VenueError(
      -1100,
      `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`,
    );
  }
  return Number(text);
}
