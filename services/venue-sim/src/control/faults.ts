export type RestAction =
  /** The request waits before it is looked at. */
  | 'delay'
  /** It is executed, the answer waits. */
  | 'delay_answer'
  /** The connection breaks, nothing is executed. */
  | 'drop_before'
  /** It is executed, then the connection breaks. */
  | 'drop_after'
  /** A server error, nothing is executed. */
  | 'error_before'
  /** It is executed, then a server error is answered. */
  | 'error_after'
  /** It is executed, the answer is not JSON. */
  | 'garbage_after'
  | 'throttle'
  | 'ban'
  /** Refused with `code` and `message`. */
  | 'reject';

export type StreamAction =
  /** One depth update is not sent. */
  | 'gap'
  | 'duplicate'
  | 'malformed'
  | 'disconnect'
  /** Nothing is sent for `delay_ms`; the connection stays open. */
  | 'silence';

export interface Fault {
  readonly id: number;
  readonly target: 'rest' | 'stream' | 'user';
  readonly action: RestAction | StreamAction;
  /** How often it still strikes. */
  count: number;
  readonly market?: 'spot' | 'usdm';
  readonly symbol?: string;
  readonly method?: string;
  readonly path?: string;
  readonly delay_ms?: number;
  readonly status?: number;
  readonly code?: number;
  readonly message?: string;
  readonly retry_after_s?: number;
}

const ACTIONS: Readonly<Record<Fault['target'], readonly string[]>> = {
  rest: [
    'delay',
    'delay_answer',
    'drop_before',
    'drop_after',
    'error_before',
    'error_after',
    'garbage_after',
    'throttle',
    'ban',
    'reject',
  ],
  stream: ['gap', 'duplicate', 'malformed', 'disconnect', 'silence'],
  user: ['gap', 'duplicate', 'malformed', 'disconnect', 'silence'],
};
const FAULTS_MAX = 1000;

export interface FaultPlace {
  readonly market: 'spot' | 'usdm';
  readonly target: Fault['target'];
  readonly symbol?: string | undefined;
  readonly method?: string;
  readonly path?: string;
}

/** Faults waiting to strike, oldest first; each strikes `count` times at places that match it. */
export class FaultPlan {
  #faults: Fault[] = [];
  #nextId = 1;
  readonly #struck = new Map<string, number>();

  get pending(): readonly Fault[] {
    return this.#faults;
  }

  get struck(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#struck);
  }

  /** The fault as planned, or what is wrong with it. */
  add(input: unknown): Fault | string {
    if (typeof input !== 'object' || input === null) return 'a JSON object is expected';
    const wanted = input as Record<string, unknown>;
    const target = wanted['target'];
    if (target !== 'rest' && target !== 'stream' && target !== 'user') {
      return "target is one of 'rest', 'stream', 'user'";
    }
    const allowed = ACTIONS[target];
    const action = wanted['action'];
    if (typeof action !== 'string' || !allowed.includes(action)) {
      return `action is one of ${allowed.join(', ')}`;
    }
    const count = wanted['count'] ?? 1;
    if (!Number.isSafeInteger(count) || (count as number) < 1) return 'count is a whole number';
    if (this.#faults.length >= FAULTS_MAX) return `no more than ${FAULTS_MAX} faults`;
    const fault = { ...wanted, id: this.#nextId++, target, action, count } as Fault;
    this.#faults.push(fault);
    return fault;
  }

  clear(): void {
    this.#faults = [];
  }

  /** The first fault that matches the place, used up by one. */
  strike(place: FaultPlace): Fault | undefined {
    const fault = this.#faults.find((candidate) => matches(candidate, place));
    if (fault === undefined) return undefined;
    fault.count -= 1;
    if (fault.count === 0) this.#faults = this.#faults.filter((other) => other !== fault);
    const key = `${fault.target}:${fault.action}`;
    this.#struck.set(key, (this.#struck.get(key) ?? 0) + 1);
    return fault;
  }
}

function matches(fault: Fault, place: FaultPlace): boolean {
  return (
    fault.target === place.target &&
    (fault.market === undefined || fault.market === place.market) &&
    (fault.symbol === undefined || fault.symbol === place.symbol) &&
    (fault.method === undefined || fault.method === place.method) &&
    (fault.path === undefined || (place.path?.endsWith(fault.path) ?? false))
  );
}
