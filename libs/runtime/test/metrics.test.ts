import { expect, test } from '@jest/globals';
import { Metrics } from '../src/metrics.ts';

test('services of one process share metrics and differ by label', async () => {
  const host = new Metrics('host');
  const [left, right] = [host.forService('left'), host.forService('right')];
  left.counter('orders_total', 'Orders').inc();
  right.counter('orders_total', 'Orders').inc(undefined, 2);
  left.gaugeOf('queue_length', 'Waiting', () => 4);
  right.gaugeOf('queue_length', 'Waiting', () => 5);
  left.handlerDuration('fill').observeMs(2);
  right.consumerLag().set(3, { topic: 'fill', partition: 0 });
  const text = await host.render();
  expect(text).toContain('cerberus_orders_total{service="left"} 1');
  expect(text).toContain('cerberus_orders_total{service="right"} 2');
  expect(text).toContain('cerberus_queue_length{service="left"} 4');
  expect(text).toContain('cerberus_queue_length{service="right"} 5');
  expect(text).toMatch(
    /cerberus_handler_duration_seconds_bucket\{le="0\.0025",.*handler="fill".*\} 1/,
  );
  expect(text).toMatch(/cerberus_consumer_lag_records\{.*topic="fill".*\} 3/);
});

test('the process shows event-loop delay, garbage collection and heap', async () => {
  const host = new Metrics('host');
  host.collectProcessMetrics();
  const text = await host.render();
  expect(text).toContain('cerberus_nodejs_eventloop_lag_p99_seconds');
  expect(text).toContain('cerberus_nodejs_gc_duration_seconds');
  expect(text).toContain('cerberus_nodejs_heap_size_used_bytes');
});
