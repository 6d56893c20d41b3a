import { createRequire } from 'node:module';
import type { KafkaConnection } from './client-factory.ts';
import {
  type FetchRequest,
  type FetchResponse,
  forgottenTopics,
  readFetchResponse,
  requestTopics,
} from './fetch-protocol.ts';
import { type Connection, FramedConnection } from './framed-connection.ts';
import type { PartitionRecords } from './kafka-records.ts';
import {
  PRODUCE_KEY,
  PRODUCE_VERSION,
  type ProducedPartition,
  produceRequest,
  readProduceResponse,
} from './produce-protocol.ts';
import { clientSecurity } from './security.ts';
import { SpareBuffer } from './spare-buffer.ts';

/*
 * The protocol layer of kafkajs 2.2.4 without its consumer, which cannot read without a group. Deep
 * imports of the version that is pinned; another that has moved them fails when the bus starts.
 */

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ClusterMetadata {
  readonly brokers: readonly (BrokerAddress & { readonly nodeId: number })[];
  readonly topicMetadata: readonly {
    readonly topicErrorCode: number;
    readonly topic: string;
    readonly partitionMetadata: readonly {
      readonly partitionErrorCode: number;
      readonly partitionId: number;
      readonly leader: number;
    }[];
  }[];
}

interface ProtocolRequest {
  readonly request: unknown;
  readonly response: { decode(bytes: Buffer): Promise<unknown> };
  readonly requestTimeout?: number;
}

type Protocol = (options: object) => ProtocolRequest;
interface Requests {
  readonly Fetch: { protocol(of: { version: number }): Protocol };
  readonly Metadata: { protocol(of: { version: number }): Protocol };
}

/** As kafkajs names it. */
export interface BrokerError extends Error {
  readonly type: string;
}

/** Both are spoken by every broker since 2.4. */
const FETCH_VERSION = 11;
const METADATA_VERSION = 6;
/** By API key, SaslHandshake and SaslAuthenticate: of these the client knows how to log in. */
const LOGIN_VERSIONS = {
  17: { minVersion: 0, maxVersion: 1 },
  36: { minVersion: 0, maxVersion: 1 },
};
const READ_COMMITTED = 1;
const CONNECT_TIMEOUT_MS = 3000;
/** A broker that says nothing for so long, beyond what it was asked to wait, is taken for gone. */
const ANSWER_TIMEOUT_MS = 4000;

const require = createRequire(import.meta.url);
const { requests } = require('kafkajs/src/protocol/requests') as { requests: Requests };
const { createErrorFromCode } = require('kafkajs/src/protocol/error') as {
  createErrorFromCode(code: number): BrokerError;
};
const fetchProtocol = requests.Fetch.protocol({ version: FETCH_VERSION });
const metadataProtocol = requests.Metadata.protocol({ version: METADATA_VERSION });

/** What an error code of a broker means. */
export const brokerError = createErrorFromCode;

export interface BrokerConnectionOptions {
  readonly connection: KafkaConnection;
  /** The root logger of a client. */
  readonly logger: unknown;
  readonly address: BrokerAddress;
}

/** One socket to one broker. Every error means: throw it away and open another. */
export class BrokerConnection {
  readonly #connection: Connection;
  readonly #clientId: string;
  readonly #room = new SpareBuffer();

  private constructor(connection: Connection, clientId: string) {
    this.#connection = connection;
    this.#clientId = clientId;
  }

  static async open(options: BrokerConnectionOptions): Promise<BrokerConnection> {
    const { connection, logger, address } = options;
    const security = clientSecurity(connection.security);
    const socket = new FramedConnection({
      ...address,
      clientId: connection.clientId,
      logger,
      ...security,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: ANSWER_TIMEOUT_MS,
      enforceRequestTimeout: true,
    });
    await socket.connect();
    if (security.sasl !== undefined) await login(socket);
    return new BrokerConnection(socket, connection.clientId);
  }

  /** False where either side has closed it. */
  get isOpen(): boolean {
    return this.#connection.isConnected();
  }

  /** Errors of single topics and partitions stay where they are: the others can still be used. */
  async metadata(topics: readonly string[]): Promise<ClusterMetadata> {
    const { request, response } = metadataProtocol({ topics, allowAutoTopicCreation: false });
    const decode = (bytes: Buffer) => response.decode(bytes);
    return (await this.#send({ request, decode })) as ClusterMetadata;
  }

  async fetch(asked: FetchRequest): Promise<FetchResponse> {
    const { request } = fetchProtocol({
      maxWaitTime: asked.maxWaitMs,
      minBytes: 1,
      maxBytes: asked.maxBytes,
      isolationLevel: READ_COMMITTED,
      sessionId: asked.sessionId,
      sessionEpoch: asked.sessionEpoch,
      topics: requestTopics(asked),
      forgottenTopics: forgottenTopics(asked),
    });
    const decode = (bytes: Buffer) => Promise.resolve(readFetchResponse(bytes));
    const requestTimeout = asked.maxWaitMs + ANSWER_TIMEOUT_MS;
    return (await this.#send({ request, decode, requestTimeout })) as FetchResponse;
  }

  /** Resolves when the leader has the records, or has said why not; its followers may not have them yet. */
  async produce(
    partitions: readonly PartitionRecords[],
    timeMs: number,
  ): Promise<readonly ProducedPartition[]> {
    const connection = this.#connection;
    if (!connection.isAuthenticated()) await connection.authenticate();
    const correlationId = connection.nextCorrelationId();
    const room = this.#room;
    const request = produceRequest(
      {
        ...{ correlationId, clientId: this.#clientId, timeMs, partitions },
        timeoutMs: ANSWER_TIMEOUT_MS,
      },
      (bytes) => room.take(bytes),
    );
    const response = readProduceResponse(await this.#write(correlationId, request));
    // What has been answered has been sent.
    room.giveBack(request);
    connection.requestQueue.maybeThrottle(response.throttleMs);
    return response.partitions;
  }

  /** Resolves when what is under way has been answered or has timed out. */
  async close(): Promise<void> {
    await this.#connection.disconnect();
  }

  /** A produce request as it is: the connection's own `send` copies twice what it is given. */
  #write(correlationId: number, request: Buffer): Promise<Buffer> {
    const connection = this.#connection;
    return new Promise((resolve, reject) => {
      connection.failIfNotConnected();
      connection.requestQueue.push({
        entry: {
          ...{ apiKey: PRODUCE_KEY, apiName: 'Produce', apiVersion: PRODUCE_VERSION },
          correlationId,
          resolve: ({ payload }) => resolve(payload),
          reject,
        },
        expectResponse: true,
        sendRequest: () => connection.socket.write(request),
      });
    });
  }

  #send(sent: {
    request: unknown;
    decode(bytes: Buffer): Promise<unknown>;
    requestTimeout?: number;
  }): Promise<unknown> {
    const { request, decode, requestTimeout } = sent;
    const parse = (data: unknown) => Promise.resolve(data);
    return this.#connection.send({
      request,
      response: { decode, parse },
      ...(requestTimeout === undefined ? {} : { requestTimeout }),
    });
  }
}

async function login(socket: Connection): Promise<void> {
  try {
    socket.setVersions(LOGIN_VERSIONS);
    socket.setSupportAuthenticationProtocol(true);
    await socket.authenticate();
  } catch (error) {
    await socket.disconnect();
    throw error;
  }
}
