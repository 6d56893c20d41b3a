import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';

export type Logger = PinoLogger;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogOptions {
  readonly name: string;
  readonly level: LogLevel;
  /** `auto` is readable on a terminal and JSON elsewhere. */
  readonly format: 'auto' | 'json' | 'pretty';
  readonly stream?: 'stdout' | 'stderr';
  /** Given by tests instead of a file descriptor. */
  readonly destination?: DestinationStream;
}

/** Field names whose value never reaches a log, at the top or one level down. */
const SECRET_FIELDS = [
  'api_key',
  'apiKey',
  'api_secret',
  'apiSecret',
  'authorization',
  'cookie',
  'listenKey',
  'passphrase',
  'password',
  'private_key',
  'privateKey',
  'secret',
  'signature',
  'token',
];

const REDACTED_PATHS = SECRET_FIELDS.flatMap((field) => [
  field,
  `*.${field}`,
  `headers["${field}"]`,
  `*.headers["${field}"]`,
]).concat('headers["x-api-key"]', 'headers["X-MBX-APIKEY"]', '*.headers["x-api-key"]');

export function createLogger(options: LogOptions): Logger {
  const fd = options.stream === 'stderr' ? 2 : 1;
  const stream = fd === 2 ? process.stderr : process.stdout;
  const readable = options.format === 'pretty' || (options.format === 'auto' && stream.isTTY);
  // Both destinations write synchronously: the line before a crash must not be lost.
  const destination =
    options.destination ??
    (readable
      ? pretty({
          destination: fd,
          sync: true,
          ignore: 'pid,hostname',
          translateTime: 'SYS:HH:MM:ss.l',
        })
      : pino.destination({ dest: fd, sync: true }));
  return pino(
    {
      name: options.name,
      level: options.level,
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

/** A URL with its password taken out, for messages. */
export function redactUrl(url: string): string {
  return url.replace(/(^[a-z][a-z0-9+.-]*:\/\/[^:/@\s]*):[^@/\s]*@/i, '$1:[redacted]@');
}
