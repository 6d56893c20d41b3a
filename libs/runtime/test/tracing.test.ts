import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { epochUs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { SeededRng } from '../src/rng.ts';
import { createTracing, extractTrace } from '../src/tracing.ts';

function tracing(recentSpans = 100) {
  let us = 1_000_000;
  const nowUs = () => {
    us += 10;
    return epochUs(us);
  };
  return createTracing({ service: 'test', clock: { nowUs }, rng: new SeededRng(1), recentSpans });
}

describe('traceparent', () => {
  // The example of W3C Trace Context §3.2.
  const EXAMPLE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  test('is read', () => {
    expect(extractTrace({ traceparent: EXAMPLE })).toEqual({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      traceFlags: 1,
      isRemote: true,
    });
  });

  test.each([
    undefined,
    '',
    'x',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
  ])('%s is no trace', (traceparent) => {
    expect(extractTrace({ traceparent })).toBeUndefined();
  });

  test('goes on through headers from span to span across services', () => {
    const host = tracing();
    const first = host
      .forService('gateway')
      .startSpan('order', { parent: { traceparent: EXAMPLE } });
    const headers = first.headers();
    first.end();
    host.forService('execution').withSpan('send', { parent: headers }, (span) => {
      span.setAttribute('order_id', 'o1');
    });
    const spans = host.spansOf('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(spans.map(({ service, name, parentSpanId }) => [service, name, parentSpanId])).toEqual([
      ['gateway', 'order', '00f067aa0ba902b7'],
      ['execution', 'send', first.spanId],
    ]);
    expect(spans[1]?.attributes).toEqual({ order_id: 'o1' });
    expect(spans[0]?.startUs).toBe(1_000_010);
  });
});

describe('withSpan', () => {
  test('ends with what it runs and says when that failed', async () => {
    const host = tracing();
    const ids: string[] = [];
    const note = (span: { traceId: string }) => ids.push(span.traceId);
    expect(host.withSpan('sync', {}, (span) => note(span))).toBe(1);
    await expect(
      host.withSpan('async', {}, async (span) => {
        note(span);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(() =>
      host.withSpan('throws', {}, (span) => {
        note(span);
        throw new Error('bad');
      }),
    ).toThrow('bad');
    expect(ids.map((id) => host.spansOf(id)[0]?.error)).toEqual([undefined, 'no', 'bad']);
  });
});

test('the oldest spans are dropped when the memory is full', () => {
  const host = tracing(16);
  const ids = Array.from({ length: 40 }, () => host.withSpan('s', {}, (span) => span.traceId));
  expect(ids.filter((id) => host.spansOf(id).length > 0)).toEqual(ids.slice(-16));
});

test('spans are sent by OTLP over HTTP when an endpoint is given', async () => {
  const requests: { url: string | undefined; body: string }[] = [];
  const collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      requests.push({ url: request.url, body });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const host = createTracing({
    service: 'sender',
    clock: { nowUs: () => epochUs(1_700_000_000_000_000) },
    rng: new SeededRng(1),
    otlpEndpoint: `http://127.0.0.1:${port}/`,
  });
  const traceId = host.withSpan('order', {}, (span) => span.traceId);
  await host.shutdown();
  collector.close();
  expect(requests.map(({ url }) => url)).toEqual(['/v1/traces']);
  expect(requests[0]?.body).toContain(traceId);
  expect(requests[0]?.body).toContain('sender');
});
