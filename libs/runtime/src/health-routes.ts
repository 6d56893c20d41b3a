import type { Clock } from '@cerberus/core';
import type { HttpRoute } from './http-route.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

export interface HealthSource {
  readonly name: string;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly metrics: Metrics;
  ready(): Readiness;
}

/** Alive (`/health`), able to work (`/ready`, 503 with what is missing), and Prometheus text (`/metrics`). */
export function healthRoutes(source: HealthSource): readonly HttpRoute[] {
  const startedMs = source.clock.monotonicMs();
  return [
    {
      method: 'GET',
      path: '/health',
      handle: () => ({
        status: 200,
        body: {
          status: 'ok',
          name: source.name,
          pid: process.pid,
          uptime_s: Math.round((source.clock.monotonicMs() - startedMs) / 1000),
        },
      }),
    },
    {
      method: 'GET',
      path: '/ready',
      handle: () => {
        const state = source.ready();
        return { status: state.ready ? 200 : 503, body: state };
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      handle: async () => ({
        status: 200,
        body: await source.metrics.render(),
        contentType: source.metrics.contentType,
      }),
    },
  ];
}
