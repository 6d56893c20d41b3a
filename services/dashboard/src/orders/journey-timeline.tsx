import { useEffect, useState } from 'react';
import { reasonOf } from '../connection/gateway-api.ts';
import type { Journey, JourneyStep, Order } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { ABSENT, formatName } from '../display/format.ts';

type Loaded = { journey: Journey } | { problem: string } | null;

/** Every station of one order, with the time since the first; read again as the order changes. */
export function JourneyTimeline({ order }: { order: Order }) {
  const { api } = useDesk();
  const [loaded, setLoaded] = useState<Loaded>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed order has a longer journey.
  useEffect(() => {
    let current = true;
    api.journey(order.order_id).then(
      (journey) => current && setLoaded({ journey }),
      (error) => current && setLoaded({ problem: reasonOf(error) }),
    );
    return () => {
      current = false;
    };
  }, [api, order.order_id, order.updated_at]);

  return (
    <div className="journey">
      <p className="journey-head">
        <span className="muted">Order</span> <code>{order.order_id}</code>
        <span className="muted">Trace</span>{' '}
        <code>
          {order.trace_id ?? (loaded && 'journey' in loaded && loaded.journey.trace_id) ?? ABSENT}
        </code>
        {order.reason && <span className="tone-warning">{order.reason}</span>}
      </p>
      {loaded === null && <p className="muted">Reading the journey…</p>}
      {loaded && 'problem' in loaded && (
        <p className="tone-critical">No journey: {loaded.problem}</p>
      )}
      {loaded && 'journey' in loaded && <Steps steps={loaded.journey.steps ?? []} />}
    </div>
  );
}

function Steps({ steps }: { steps: JourneyStep[] }) {
  const start = steps[0]?.at;
  return (
    <ol className="steps">
      {steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a journey only grows at its end.
        <li key={`${step.stage}-${step.at}-${index}`} className="step">
          <span className="step-name">{formatName(step.stage)}</span>
          <span className="figure step-time" title={step.at}>
            {start ? `+${elapsedText(start, step.at)}` : ''}
          </span>
          <span className="step-detail">{detailText(step.detail)}</span>
        </li>
      ))}
    </ol>
  );
}

/** Microseconds of an ISO time, which Date would cut off. */
function microseconds(iso: string): number {
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? '';
  const whole = Date.parse(iso.replace(/\.\d+/, ''));
  return whole * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

function elapsedText(from: string, to: string): string {
  const elapsedUs = microseconds(to) - microseconds(from);
  if (!Number.isFinite(elapsedUs)) return ABSENT;
  if (elapsedUs < 1000) return `${elapsedUs} µs`;
  return elapsedUs < 1e6
    ? `${(elapsedUs / 1000).toFixed(2)} ms`
    : `${(elapsedUs / 1e6).toFixed(2)} s`;
}

function detailText(detail: unknown): string {
  if (detail === null || detail === undefined) return '';
  if (typeof detail !== 'object') return String(detail);
  return Object.entries(detail)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .slice(0, 6)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(' · ');
}
