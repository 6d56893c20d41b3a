import type { FrameEvent } from './frame-events.ts';

/** Where every frame went: frames = parsed + ignored + refused, each by its kind, rule or code. */
export class FrameCounts {
  frames = 0;
  readonly parsed: Record<string, number> = {};
  readonly ignored: Record<string, number> = {};
  readonly refused: Record<string, number> = {};

  count(event: FrameEvent): void {
    this.frames += 1;
    switch (event.kind) {
      case 'ignored':
        increment(this.ignored, event.rule);
        break;
      case 'refused':
        increment(this.refused, event.code);
        break;
      default:
        increment(this.parsed, event.kind);
    }
  }

  countRefused(code: string): void {
    this.frames += 1;
    increment(this.refused, code);
  }

  get total(): { readonly parsed: number; readonly ignored: number; readonly refused: number } {
    return { parsed: sum(this.parsed), ignored: sum(this.ignored), refused: sum(this.refused) };
  }
}

function increment(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
