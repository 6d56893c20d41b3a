import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { SystemClock } from '@cerberus/runtime';
import { expect, test } from '@jest/globals';
import { BrokerConnection } from '../../src/kafka/broker-connection.ts';

const logger = { namespace: () => new Proxy({}, { get: () => () => undefined }) };

test('what no broker would answer ends the connection, and the question with an error', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const broker = await BrokerConnection.open({
      connection: { brokers: [], clientId: 'test', clock: new SystemClock() },
      ...{ logger, address: { host: '127.0.0.1', port } },
    });
    // "HTTP", read as a size.
    await expect(broker.metadata([])).rejects.toThrow("a broker's answer of 1213486160 bytes");
    expect(broker.isOpen).toBe(false);
  } finally {
    server.close();
  }
});
