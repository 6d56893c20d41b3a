/** Answers kept: the best of the last few bounds the error (Cristian 1989). */
const SAMPLES_MAX = 8;

/** What a monotonic clock may gain or lose while the operating system slews it: 500 ppm. */
const DRIFT = 5e-4;

export interface TimeAnswer {
  /** Monotonic times at which we asked and were answered. */
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly serverMs: number;
}

interface Sample {
  readonly offsetMs: number;
  readonly halfTripMs: number;
  readonly receivedMs: number;
}

/**
 * The venue's time by our monotonic clock, so that nobody who sets the wall clock changes the date of
 * an order. What it gives is the earliest that it can be: an order dated too early is refused by the
 * venue, one dated too late would be taken after the lease under which it was sent.
 */
export class VenueTime {
  #samples: Sample[] = [];

  observe({ sentMs, receivedMs, serverMs }: TimeAnswer): void {
    const halfTripMs = (receivedMs - sentMs) / 2;
    if (halfTripMs < 0) return;
    const offsetMs = serverMs - (sentMs + halfTripMs);
    this.#samples.push({ offsetMs, halfTripMs, receivedMs });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }

  /** The venue has said that our time is wrong: nothing measured before counts. */
  forget(): void {
    this.#samples = [];
  }

  /** The venue's time is within ± this of the middle; infinite where nothing is known. */
  errorMs(monotonicMs: number): number {
    return Math.min(
      ...this.#samples.map((sample) => errorOf(sample, monotonicMs)),
      Number.POSITIVE_INFINITY,
    );
  }

  /** Undefined before the first answer. */
  earliestMs(monotonicMs: number): number | undefined {
    const [first, ...rest] = this.#samples;
    if (first === undefined) return undefined;
    const best = rest.reduce(
      (a, b) => (errorOf(b, monotonicMs) < errorOf(a, monotonicMs) ? b : a),
      first,
    );
    return Math.floor(monotonicMs + best.offsetMs - errorOf(best, monotonicMs));
  }
}

function errorOf({ halfTripMs, receivedMs }: Sample, monotonicMs: number): number {
  return halfTripMs + DRIFT * Math.max(0, monotonicMs - receivedMs);
}
