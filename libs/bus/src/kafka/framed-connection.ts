import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';
import { AnswerFrames } from './answer-frames.ts';

interface QueuedRequest {
  readonly entry: {
    readonly apiKey: number;
    readonly apiName: string;
    readonly apiVersion: number;
    readonly correlationId: number;
    resolve(answer: { readonly payload: Buffer }): void;
    reject(error: unknown): void;
  };
  readonly expectResponse: boolean;
  sendRequest(): void;
}

/** What is used here of a connection of kafkajs 2.2.4. */
export interface Connection {
  readonly socket: Socket;
  readonly requestQueue: {
    push(request: QueuedRequest): void;
    maybeThrottle(throttleMs: number): void;
    fulfillRequest(answer: { size: number; correlationId: number; payload: Buffer }): void;
  };
  /** While it logs in. */
  readonly authHandlers: object | null;
  processData(chunk: Buffer): void;
  isConnected(): boolean;
  /** Throws where it is not. */
  failIfNotConnected(): void;
  isAuthenticated(): boolean;
  nextCorrelationId(): number;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  setVersions(versions: object): void;
  setSupportAuthenticationProtocol(isSupported: boolean): void;
  authenticate(): Promise<void>;
  send(request: object): Promise<unknown>;
}

type ConnectionClass = new (options: object) => Connection;

interface SocketOptions {
  readonly host: string;
  readonly port: number;
  readonly ssl?: object;
  onConnect(): void;
}

type SocketFactory = (options: SocketOptions) => Socket;

const CORRELATION_BYTES = 4;
/** As much as is read at once. */
const READ_BYTES = 64 * 1024;
/** As the client's own sockets. */
const KEEP_ALIVE_DELAY_MS = 60_000;

const require = createRequire(import.meta.url);
const KafkaConnectionClass = require('kafkajs/src/network/connection') as ConnectionClass;
const clientSocket = (require('kafkajs/src/network/socketFactory') as () => SocketFactory)();

/** One of kafkajs that takes answers apart in its own way, and reads them into the same memory. */
export class FramedConnection extends KafkaConnectionClass {
  readonly #frames = new AnswerFrames();

  constructor(options: object) {
    super({ ...options, socketFactory });
  }

  override processData(chunk: Buffer): void {
    // A copy: a login is read later, when other bytes may stand where the chunk was.
    if (this.authHandlers !== null) {
      super.processData(Buffer.from(chunk));
      return;
    }
    try {
      this.#frames.push(chunk, (frame) => this.#answer(frame));
    } catch (error) {
      this.socket.destroy(error as Error);
    }
  }

  #answer(frame: Buffer): void {
    const correlationId = frame.readInt32BE(0);
    const payload = frame.subarray(CORRELATION_BYTES);
    this.requestQueue.fulfillRequest({ size: frame.length, correlationId, payload });
  }
}

/** Requests are written whole: nothing is gained by holding them back for more to come (Nagle). */
function socketFactory(options: SocketOptions): Socket {
  const socket = options.ssl ? clientSocket(options) : rereadingSocket(options);
  return socket.setNoDelay(true);
}

/** Each chunk comes where the one before it stood, instead of in memory of its own. */
function rereadingSocket({ host, port, onConnect }: SocketOptions): Socket {
  const callback = (length: number, buffer: Uint8Array) => {
    socket.emit('data', (buffer as Buffer).subarray(0, length));
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback };
  const socket = connect({ host, port, onread }, onConnect);
  return socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
}
