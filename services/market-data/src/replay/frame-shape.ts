/** Venues publish at most eight; a longer fraction is a damaged line, refused when it is played. */
const DECIMALS_MAX = 8;
const ZERO_CODE = 48;
const NINE_CODE = 57;

export type LooseFrame = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is LooseFrame {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Symbol of a streamed frame, if it names one. */
export function symbolOfFrame(frame: LooseFrame): string | undefined {
  const symbol = frame['s'];
  return typeof symbol === 'string' && /^[A-Z0-9_]{3,30}$/.test(symbol) ? symbol : undefined;
}

/** Pairs of a depth side; whatever else stands there is left out. */
export function* levelsOf(value: unknown): Generator<readonly [unknown, unknown]> {
  if (!Array.isArray(value)) return;
  for (const level of value) if (Array.isArray(level)) yield [level[0], level[1]];
}

/** Decimals of a plain number without its trailing zeros; 0 for anything that is none. */
export function decimalsOf(text: unknown): number {
  if (typeof text !== 'string') return 0;
  const dot = text.indexOf('.');
  if (dot <= 0) return 0;
  let end = text.length;
  while (end > dot + 1 && text.charCodeAt(end - 1) === ZERO_CODE) end -= 1;
  for (let at = dot + 1; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code < ZERO_CODE || code > NINE_CODE) return 0;
  }
  return Math.min(end - dot - 1, DECIMALS_MAX);
}
