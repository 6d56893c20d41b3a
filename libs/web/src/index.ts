export type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
export {
  type ApiKeyRecord,
  apiKeyId,
  generateApiKey,
  hashApiKey,
  matchesApiKey,
  type NewApiKey,
} from './api-key.ts';
export { DEFAULT_RIGHT, installAuthentication, presentedKey } from './authentication.ts';
export { WEB_ERRORS } from './errors.ts';
export {
  type Claim,
  type ClaimRequest,
  type IdempotencyStore,
  IdempotentWrites,
  type StoredAnswer,
  type WriteAnswer,
  type WriteHandler,
} from './idempotency.ts';
export { type ApiKeySource, KeyRing, type KeyRingOptions, type Principal } from './key-ring.ts';
export { collectOpenApi, installDocs, type OpenApiOptions } from './openapi.ts';
export { allowOrigins, isAllowedOrigin, isLoopbackAddress, isLoopbackHost } from './origin.ts';
export {
  decodeCursor,
  encodeCursor,
  PAGE_LIMIT_DEFAULT,
  PAGE_LIMIT_MAX,
  PAGE_QUERY,
} from './pagination.ts';
export {
  type FieldError,
  HttpProblem,
  installProblems,
  PROBLEM_MEDIA_TYPE,
  ProblemCatalogue,
  type ProblemDetail,
  type ProblemOptions,
  problemDocument,
} from './problem.ts';
export { RateLimit, type RateLimitOptions } from './rate-limit.ts';
export { compileValidator, fieldErrorsOf, validationProblem } from './request-validation.ts';
export {
  BODY_LIMIT_BYTES,
  createServer,
  HANDLER_TIMEOUT_MS,
  installApiHeaders,
  ORDER_BODY_LIMIT_BYTES,
  SERVER_TIMEOUTS,
  type ServerOptions,
  type ServerTimeouts,
} from './server.ts';
export { installSite, type StaticSiteOptions } from './static-site.ts';
export { REPLAY_BOUNDS, type ReplayBounds, ReplayBuffer } from './stream/replay-buffer.ts';
export { SLOW_BYTES, type StreamEnd, type StreamReader } from './stream/stream-channel.ts';
export {
  STREAM_BOUNDS,
  type StreamBounds,
  StreamHub,
  type StreamHubOptions,
  THROTTLE_MS_MIN,
} from './stream/stream-hub.ts';
export { installStreams, type StreamRoutesOptions } from './stream/stream-routes.ts';
export { SOCKET_MESSAGE_BYTES_MAX, SOCKET_PROTOCOL } from './stream/stream-socket.ts';
export type { StreamFeed, StreamSource, StreamUpdate } from './stream/stream-source.ts';
export { amountText, finiteOrNull } from './wire-value.ts';
