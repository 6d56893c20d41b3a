/** One received message: local receive time and the exact text of the venue. */
export interface CaptureLine {
  readonly localTimeNs: bigint;
  readonly text: string;
}

const SPACE = ' ';
/** Nanoseconds since 1970 have 19 digits from 2001 to 2286. */
const TIME_DIGITS_MAX = 20;

export function parseCaptureLine(line: string): CaptureLine | undefined {
  const space = line.indexOf(SPACE);
  if (space <= 0 || space > TIME_DIGITS_MAX) return undefined;
  const time = line.slice(0, space);
  if (!/^\d+$/.test(time)) return undefined;
  return { localTimeNs: BigInt(time), text: line.slice(space + 1) };
}

export function formatCaptureLine(line: CaptureLine): string {
  return `${line.localTimeNs} ${line.text}\n`;
}
