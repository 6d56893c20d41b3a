import type { DeadLetter } from '@cerberus/bus';
import { type Decimal, formatDecimal, formatEpochUs } from '@cerberus/core';
import type { LogAccess } from './dlq-access.ts';
import { decodeLetter, placeText, type TopicSummary } from './dlq-letters.ts';
import type { ReplayReport } from './dlq-replay.ts';
import { type Cell, tableText } from './table.ts';

const REFUSALS_SHOWN = 20;
const HEX_BYTES_SHOWN = 256;
const REASONS_SHOWN = 3;

/** Text of others is quoted where it holds anything but words: a terminal would obey some of it. */
function safe(text: string): string {
  return /^[\w .,:/()=-]*$/.test(text) ? text : quoted(text);
}

function quoted(value: unknown): string {
  const asCode = (sign: string) => `\\u00${sign.charCodeAt(0).toString(16)}`;
  return JSON.stringify(value).replaceAll(/[\x7f-\x9f]/g, asCode);
}

export function summaryDocument({ oldest, newest, ...rest }: TopicSummary) {
  return { ...rest, oldest: formatEpochUs(oldest), newest: formatEpochUs(newest) };
}

export function summaryText(found: readonly TopicSummary[]): string {
  if (found.length === 0) return 'no dead letters';
  const rows = found.map((each): Cell[] => [
    ...[each.topic, each.letters, each.replayed, each.services.map(safe).join(', ')],
    reasonsText(each.reasons),
    ...[formatEpochUs(each.oldest), formatEpochUs(each.newest)],
  ]);
  const columns = ['topic', 'letters', 'replayed', 'services', 'reasons', 'oldest', 'newest'];
  return tableText({ columns, rows });
}

function reasonsText(reasons: Readonly<Record<string, number>>): string {
  const all = Object.entries(reasons);
  const shown = all.slice(0, REASONS_SHOWN).map(([reason, count]) => `${safe(reason)} ${count}`);
  return [...shown, ...(all.length > REASONS_SHOWN ? ['…'] : [])].join(', ');
}

export async function documentOf(
  { codecs }: LogAccess,
  letter: DeadLetter,
  replays: ReadonlyMap<string, number>,
) {
  const { record, source, reason, detail, service } = letter;
  const decoded = await decodeLetter(codecs, letter);
  const { code, message, received } = decoded.ok
    ? ({} as Partial<Record<string, string>>)
    : decoded.error;
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset.toString(),
    time: formatEpochUs(record.timestampUs),
    source: { ...source, offset: source.offset.toString() },
    ...{ service, reason, detail },
    key: record.key,
    /** Put back since, or before it failed again. */
    replays: Math.max(letter.replays, replays.get(placeText(source)) ?? 0),
    replayed: replays.has(placeText(source)),
    headers: record.headers,
    bytes: record.value?.length ?? null,
    hex: record.value?.toString('hex') ?? null,
    decodes: decoded.ok,
    value: decoded.ok ? plain(decoded.value) : null,
    error: decoded.ok ? null : { code, message, received: received ?? null },
  };
}

export type LetterDocument = Awaited<ReturnType<typeof documentOf>>;

export function letterText(letter: LetterDocument): string {
  const { source, error } = letter;
  const hex = letter.hex ?? '';
  const cut = hex.length / 2 - HEX_BYTES_SHOWN;
  const lines = [
    ['source', `${source.topic}/${source.partition}@${source.offset}`],
    ['service', safe(letter.service)],
    ['reason', `${safe(letter.reason)}  ${safe(letter.detail)}`],
    ['key', quoted(letter.key)],
    ['replayed', letter.replayed ? `yes, ${letter.replays} ×` : 'no'],
    ['headers', quoted(letter.headers)],
    ['bytes', letter.bytes === null ? 'none: a deletion' : String(letter.bytes)],
    ['hex', `${hex.slice(0, 2 * HEX_BYTES_SHOWN)}${cut > 0 ? ` … ${cut} bytes more` : ''}`],
    ['decodes', error === null ? quoted(letter.value) : `no: ${errorText(error)}`],
  ];
  const head = `${letter.topic}/${letter.partition}@${letter.offset}  ${letter.time}`;
  return [head, ...lines.map(([name, text]) => `  ${name!.padEnd(9)}${text}`)].join('\n');
}

function errorText({ code, message, received }: NonNullable<LetterDocument['error']>): string {
  return `${message} (${code})${received === null ? '' : `: ${safe(received)}`}`;
}

/** A decoded message as JSON can say it. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return formatDecimal(value as Decimal);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

export function reportDocument(topic: string, report: ReplayReport, dryRun: boolean) {
  const { letters, records, selected, alreadyReplayed, replayed, left } = report;
  const refused = report.refused.map(({ place, code, why }) => {
    return { place: placeText(place), code, why };
  });
  return {
    ...{ topic, dry_run: dryRun, letters, records, selected },
    ...{ already_replayed: alreadyReplayed, replayed, refused, left },
  };
}

export function reportText(topic: string, report: ReplayReport, dryRun: boolean): string {
  const { letters, records, selected, alreadyReplayed, replayed, refused, left } = report;
  const rows: Cell[][] = [
    ['letters there', letters],
    ['records they are of', records],
    ['selected', selected],
    ['put back before', alreadyReplayed],
    ['refused', refused.length],
    ['left for another run', left],
    [dryRun ? 'would be put back' : 'put back', replayed],
  ];
  const shown = refused.slice(0, REFUSALS_SHOWN).map(({ place, code, why }) => {
    return `  ${placeText(place)}  ${safe(why)} (${code})`;
  });
  const more = refused.length - shown.length;
  return [
    tableText({ columns: [topic, ''], rows }),
    ...(refused.length === 0
      ? []
      : ['', 'refused (--force puts them back all the same):', ...shown]),
    ...(more > 0 ? [`  … ${more} more`] : []),
  ].join('\n');
}
