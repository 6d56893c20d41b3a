import { parseExactJson } from './exact-json.ts';
import { isObject } from './frame-fields.ts';

/** Why a venue definitively did not do what was asked. */
export type RejectReason =
  | 'insufficient_balance'
  | 'duplicate_client_order_id'
  | 'would_take'
  | 'unknown_order'
  | 'unknown_symbol'
  | 'filter'
  | 'reduce_only'
  | 'bad_parameter'
  | 'bad_timestamp'
  | 'bad_signature'
  | 'not_authorised'
  | 'other';

export type UnknownReason =
  | 'timeout'
  | 'disconnect'
  | 'server_error'
  | 'venue_timeout'
  | 'unparsable';

/**
 * What a venue's answer means for the request. Only `rejected` and `rate-limited` say that nothing
 * happened; whatever is not certain is `unknown` and must be resolved by a query.
 */
export type VenueAnswer<T = unknown> =
  | { readonly outcome: 'ok'; readonly value: T }
  | {
      readonly outcome: 'rejected';
      readonly reason: RejectReason;
      readonly code: number;
      readonly message: string;
    }
  | {
      readonly outcome: 'rate-limited';
      readonly retryAfterMs: number;
      /** By our own budget (nothing was sent), by the venue, or a ban of this address. */
      readonly by: 'budget' | 'venue' | 'ban';
    }
  | { readonly outcome: 'unknown'; readonly reason: UnknownReason; readonly detail: string };

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly body: string;
}

const DETAIL_LENGTH = 200;
const DEFAULT_RETRY_AFTER_MS = 10_000;

/** Codes after which the venue itself does not say whether the request was executed. */
const UNKNOWN_CODES: ReadonlySet<number> = new Set([-1000, -1001, -1006, -1007, -1016]);
/** Refused before it reached the engine, by load or by count. */
const THROTTLE_CODES: ReadonlySet<number> = new Set([-1003, -1008, -1015]);

const REASONS: ReadonlyMap<number, RejectReason> = new Map([
  [-1002, 'not_authorised'],
  [-1013, 'filter'],
  [-1021, 'bad_timestamp'],
  [-1022, 'bad_signature'],
  [-1111, 'filter'],
  [-1121, 'unknown_symbol'],
  [-2011, 'unknown_order'],
  [-2013, 'unknown_order'],
  [-2014, 'not_authorised'],
  [-2015, 'not_authorised'],
  [-2018, 'insufficient_balance'],
  [-2019, 'insufficient_balance'],
  [-2022, 'reduce_only'],
  [-4003, 'filter'],
  [-4013, 'filter'],
  [-4014, 'filter'],
  [-4023, 'filter'],
  [-4111, 'duplicate_client_order_id'],
  [-4116, 'duplicate_client_order_id'],
  [-4164, 'filter'],
  [-5021, 'other'],
  [-5022, 'would_take'],
]);

export function classifyAnswer(answer: HttpAnswer): VenueAnswer {
  const json = jsonOf(answer.body);
  const error = errorOf(json);
  const success = answer.status >= 200 && answer.status < 300;
  if (success && json === undefined) return unknown('unparsable', answer.body);
  if (success && error === undefined) return { outcome: 'ok', value: json };
  if (answer.status === 429 || answer.status === 418) return rateLimited(answer);
  if (error !== undefined && THROTTLE_CODES.has(error.code)) return rateLimited(answer);
  if (error !== undefined && UNKNOWN_CODES.has(error.code)) {
    return unknown('venue_timeout', `${error.code} ${error.message}`);
  }
  if (answer.status >= 500) return unknown('server_error', `${answer.status} ${answer.body}`);
  if (error !== undefined) {
    return {
      outcome: 'rejected',
      reason: reasonOf(error),
      code: error.code,
      message: error.message,
    };
  }
  // The firewall in front of the venue answers in HTML, and so before any engine saw the request.
  if (answer.status === 403) {
    return { outcome: 'rejected', reason: 'not_authorised', code: 403, message: 'forbidden' };
  }
  return unknown('unparsable', `${answer.status} ${answer.body}`);
}

function jsonOf(body: string): unknown {
  try {
    return parseExactJson(body);
  } catch {
    return undefined;
  }
}

interface VenueErrorBody {
  readonly code: number;
  readonly message: string;
}

function errorOf(json: unknown): VenueErrorBody | undefined {
  if (!isObject(json)) return undefined;
  const code = json['code'];
  const message = json['msg'];
  // Some good answers carry code 200, e.g. the cancellation of all open orders.
  if (typeof code !== 'number' || typeof message !== 'string' || code >= 0) return undefined;
  return { code, message };
}

function reasonOf(error: VenueErrorBody): RejectReason {
  if (error.code === -2010) {
    if (/insufficient balance/i.test(error.message)) return 'insufficient_balance';
    if (/duplicate order/i.test(error.message)) return 'duplicate_client_order_id';
    if (/immediately match/i.test(error.message)) return 'would_take';
    return 'other';
  }
  const known = REASONS.get(error.code);
  if (known !== undefined) return known;
  return error.code <= -1100 && error.code > -1200 ? 'bad_parameter' : 'other';
}

function rateLimited(answer: HttpAnswer): VenueAnswer {
  return {
    outcome: 'rate-limited',
    by: answer.status === 418 ? 'ban' : 'venue',
    retryAfterMs:
      answer.retryAfterSeconds === undefined
        ? DEFAULT_RETRY_AFTER_MS
        : answer.retryAfterSeconds * 1000,
  };
}

export function unknown(
  reason: UnknownReason,
  detail: string,
): Extract<VenueAnswer, { outcome: 'unknown' }> {
  return { outcome: 'unknown', reason, detail: detail.slice(0, DETAIL_LENGTH) };
}

/** The same answer with its value read by `read`; what cannot be read is UNKNOWN, not an error. */
export function mapAnswer<T>(answer: VenueAnswer, read: (value: unknown) => T): VenueAnswer<T> {
  if (answer.outcome !== 'ok') return answer;
  try {
    return { outcome: 'ok', value: read(answer.value) };
  } catch (error) {
    return unknown('unparsable', error instanceof Error ? error.message : String(error));
  }
}
