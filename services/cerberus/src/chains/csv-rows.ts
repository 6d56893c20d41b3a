/** Fields of one CSV line; double quotes enclose fields with commas. */
export function csvFields(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/("([^"]*)"|[^,]*)(,|$)/g)]
    .slice(0, -1)
    .map((match) => match[2] ?? match[1] ?? '');
}

/** Data lines as records by the header's names, from the header line on. */
export function csvRecords(lines: readonly string[]): Map<string, string>[] {
  const header = csvFields((lines[0] ?? '').trim());
  return lines.slice(1).flatMap((line) => {
    const text = line.trim();
    if (text === '') return [];
    const fields = csvFields(text);
    return [new Map(header.map((name, column) => [name, fields[column] ?? '']))];
  });
}

/** A number; an empty field is a missing quote and reads as 0. */
export function quoteNumber(field: string | undefined): number {
  return field === undefined || field === '' ? 0 : Number(field);
}
