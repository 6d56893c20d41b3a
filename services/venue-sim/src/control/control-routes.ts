import type { VenueLedger } from '../exchange/ledger.ts';
import type { FaultPlan } from './faults.ts';

export interface ControlHandles {
  readonly faults: FaultPlan;
  readonly ledger: VenueLedger;
  readonly setLatencyMs: (latencyMs: number) => void;
  readonly disconnect: (who: 'stream' | 'user' | 'all') => number;
  /** False where the symbol is unknown or replayed. */
  readonly shock: (symbol: string, factor: number) => boolean;
  readonly halt: (symbol: string, halted: boolean) => boolean;
  readonly state: () => unknown;
}

interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
}

const LEDGER_PAGE = 10_000;
const LATENCY_MAX_MS = 60_000;

/** The simulator's own API below `/sim/`: what no real venue would let its clients do. */
export class ControlRoutes {
  readonly #handles: ControlHandles;

  constructor(handles: ControlHandles) {
    this.#handles = handles;
  }

  handle(request: ControlRequest): { readonly status: number; readonly body: unknown } {
    const body = bodyOf(request.body);
    if (body === undefined) return bad('the body is not a JSON object');
    const { faults, ledger } = this.#handles;
    switch (`${request.method} ${request.path}`) {
      case 'GET /sim/ledger':
        return this.#ledger(new URLSearchParams(request.query));
      case 'GET /sim/state':
        return ok({ ledger_records: ledger.length, ...(this.#handles.state() as object) });
      case 'GET /sim/faults':
        return ok({ pending: faults.pending, struck: faults.struck });
      case 'POST /sim/faults': {
        const fault = faults.add(body);
        return typeof fault === 'string' ? bad(fault) : { status: 201, body: fault };
      }
      case 'DELETE /sim/faults':
        faults.clear();
        return ok({});
      case 'POST /sim/latency':
        return this.#latency(body['latency_ms']);
      case 'POST /sim/disconnect': {
        const who = body['who'] ?? 'all';
        if (who !== 'stream' && who !== 'user' && who !== 'all') return bad('who: stream|user|all');
        return ok({ disconnected: this.#handles.disconnect(who) });
      }
      case 'POST /sim/market':
        return this.#market(body);
      default:
        return { status: 404, body: { error: 'no such control' } };
    }
  }

  #ledger(query: URLSearchParams): { status: number; body: unknown } {
    const after = Number(query.get('after') ?? 0);
    const limit = Number(query.get('limit') ?? LEDGER_PAGE);
    if (!Number.isSafeInteger(after) || after < 0 || !Number.isSafeInteger(limit) || limit < 1) {
      return bad('after and limit are whole numbers');
    }
    const records = this.#handles.ledger.read(after, Math.min(limit, LEDGER_PAGE));
    const next = after + records.length;
    return ok({ records, next_after: next, complete: next >= this.#handles.ledger.length });
  }

  #latency(latencyMs: unknown): { status: number; body: unknown } {
    if (typeof latencyMs !== 'number' || !(latencyMs >= 0 && latencyMs <= LATENCY_MAX_MS)) {
      return bad(`latency_ms is between 0 and ${LATENCY_MAX_MS}`);
    }
    this.#handles.setLatencyMs(latencyMs);
    return ok({ latency_ms: latencyMs });
  }

  #market(body: Readonly<Record<string, unknown>>): { status: number; body: unknown } {
    const symbol = body['symbol'];
    if (typeof symbol !== 'string') return bad('symbol is missing');
    const factor = body['shock'];
    const halted = body['halt'];
    if (typeof factor === 'number' && factor > 0.01 && factor < 100) {
      return this.#handles.shock(symbol, factor) ? ok({}) : bad('no generated market of that name');
    }
    if (typeof halted === 'boolean') {
      return this.#handles.halt(symbol, halted) ? ok({}) : bad('no generated market of that name');
    }
    return bad('shock (a factor between 0.01 and 100) or halt (true or false) is expected');
  }
}

function bodyOf(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text === '') return {};
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null
      ? (json as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function ok(body: unknown): { status: number; body: unknown } {
  return { status: 200, body };
}

function bad(error: string): { status: number; body: unknown } {
  return { status: 400, body: { error } };
}
