import type { BusHost } from './message.ts';

/** Catching up faster than this is not worth a line. */
const QUIET_MS = 1000;
const REPORT_PERIOD_MS = 5000;

export interface CatchUp {
  readonly host: Pick<BusHost, 'clock' | 'log' | 'metrics'>;
  readonly what: string;
  readonly topic: string;
  readonly caughtUp: Promise<void>;
  /** Read so far. */
  records(): number;
}

/** Says how far a long catch-up is, and how long each took; ends as `caughtUp` does. */
export async function reportCatchUp({
  host,
  what,
  topic,
  caughtUp,
  records,
}: CatchUp): Promise<void> {
  const { clock, log, metrics } = host;
  const startMs = clock.monotonicMs();
  const progress = () => ({
    topic,
    records: records(),
    seconds: Math.round(clock.monotonicMs() - startMs) / 1000,
  });
  const timer = clock.every(REPORT_PERIOD_MS, () => log.info(progress(), `${what} is being read`));
  try {
    await caughtUp;
  } finally {
    timer.cancel();
  }
  const tookMs = clock.monotonicMs() - startMs;
  metrics
    .histogram('bus_catch_up_seconds', 'Reading a topic up to its end at the start', {
      labelNames: ['topic'],
    })
    .observe(tookMs / 1000, { topic });
  if (tookMs >= QUIET_MS) log.info(progress(), `${what} has been read`);
}
