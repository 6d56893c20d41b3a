/** Round trips kept: the shortest of the last few bounds the error best (Cristian 1989). */
const SAMPLES_MAX = 8;

interface Sample {
  readonly offsetMs: number;
  readonly roundTripMs: number;
}

/** Estimate of venue time minus local time from request round trips. */
export class TimeOffset {
  #samples: Sample[] = [];

  observe(sample: {
    readonly sentMs: number;
    readonly receivedMs: number;
    readonly serverMs: number;
  }): void {
    const roundTripMs = sample.receivedMs - sample.sentMs;
    if (roundTripMs < 0) return;
    const offsetMs = sample.serverMs - (sample.sentMs + sample.receivedMs) / 2;
    this.#samples.push({ offsetMs, roundTripMs });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }

  get known(): boolean {
    return this.#samples.length > 0;
  }

  /** Milliseconds to add to local time; 0 before the first sample. */
  get offsetMs(): number {
    return this.#best?.offsetMs ?? 0;
  }

  /** The true offset is within ± this, whatever the asymmetry of the path. */
  get errorMs(): number {
    return this.#best === undefined ? Number.POSITIVE_INFINITY : this.#best.roundTripMs / 2;
  }

  get #best(): Sample | undefined {
    return this.#samples.reduce<Sample | undefined>(
      (best, sample) =>
        best === undefined || sample.roundTripMs < best.roundTripMs ? sample : best,
      undefined,
    );
  }
}
