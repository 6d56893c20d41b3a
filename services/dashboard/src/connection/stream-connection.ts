import { messageOf, type StreamMessage } from '../contract.ts';

export type StreamState = 'connecting' | 'live' | 'healing' | 'reconnecting' | 'refused' | 'closed';

export interface StreamStatus {
  state: StreamState;
  lastSeq: number | null;
  /** Gaps in `seq` seen since the page was opened. */
  gaps: number;
  unreadable: number;
  lastMessageAtMs: number | null;
  detail: string;
}

export interface SocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
}

export interface StreamOptions {
  open: () => SocketLike;
  subscription: (lastSeq: number | null) => Record<string, unknown>;
  onMessage: (message: StreamMessage) => void;
  onStatus: (status: StreamStatus) => void;
  nowMs: () => number;
  schedule: (action: () => void, delayMs: number) => () => void;
}

export const BACKOFF_FIRST_MS = 250;
export const BACKOFF_MAX_MS = 5000;
/** A stream that keeps losing messages is not resubscribed faster than this. */
export const HEAL_SPACING_MS = 2000;
const REFUSED_CODES = new Set([1008, 3000, 4001, 4003, 4401, 4403]);

/**
 * One subscription: a snapshot, then updates with seq growing by one. Whatever breaks that order is
 * shown (`healing`) and mended by opening the subscription anew with the last seq that was whole.
 */
export class StreamConnection {
  readonly #options: StreamOptions;
  #socket: SocketLike | null = null;
  #cancelTimer: (() => void) | null = null;
  #attempts = 0;
  #healedAtMs = Number.NEGATIVE_INFINITY;
  #status: StreamStatus = {
    state: 'connecting',
    lastSeq: null,
    gaps: 0,
    unreadable: 0,
    lastMessageAtMs: null,
    detail: '',
  };

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  get status(): StreamStatus {
    return this.#status;
  }

  start(): void {
    this.#cancelTimer = null;
    const socket = this.#options.open();
    this.#socket = socket;
    socket.onopen = () =>
      socket.send(JSON.stringify(this.#options.subscription(this.#status.lastSeq)));
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#lost(event.code, event.reason);
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#detach();
    this.#set({ state: 'closed', detail: '' });
  }

  #receive(raw: unknown): void {
    const message = typeof raw === 'string' ? messageOf(raw) : null;
    if (message === null) {
      this.#set({ unreadable: this.#status.unreadable + 1, detail: 'unreadable message' });
      return;
    }
    if (!Number.isFinite(message.seq)) {
      // Notices (errors, close warnings) carry no seq and change nothing but what is shown.
      this.#set({ detail: message.message ?? message.type });
      return;
    }
    const { lastSeq } = this.#status;
    if (message.type !== 'snapshot') {
      if (lastSeq !== null && message.seq <= lastSeq) return;
      if (lastSeq === null || message.seq !== lastSeq + 1) {
        this.#heal(lastSeq, message.seq);
        return;
      }
    }
    this.#attempts = 0;
    this.#set({
      state: 'live',
      lastSeq: message.seq,
      lastMessageAtMs: this.#options.nowMs(),
      detail: '',
    });
    this.#options.onMessage(message);
  }

  #heal(lastSeq: number | null, seq: number): void {
    this.#detach();
    const detail =
      lastSeq === null
        ? `update ${seq} before a snapshot`
        : `${seq - lastSeq - 1} message(s) missing after ${lastSeq}`;
    this.#set({ state: 'healing', gaps: this.#status.gaps + 1, detail });
    const nowMs = this.#options.nowMs();
    const delayMs = Math.max(0, this.#healedAtMs + HEAL_SPACING_MS - nowMs);
    this.#healedAtMs = nowMs + delayMs;
    this.#cancelTimer = this.#options.schedule(() => this.start(), delayMs);
  }

  #lost(code: number, reason: string): void {
    this.#detach();
    if (REFUSED_CODES.has(code)) {
      this.#set({ state: 'refused', detail: reason || `refused (${code})` });
    } else {
      this.#set({ state: 'reconnecting', detail: reason || `connection lost (${code})` });
    }
    const delayMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(this.#attempts, 10));
    this.#attempts += 1;
    this.#cancelTimer = this.#options.schedule(() => this.start(), delayMs);
  }

  #detach(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(1000, 'resubscribing');
  }

  #set(change: Partial<StreamStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#options.onStatus(this.#status);
  }
}
