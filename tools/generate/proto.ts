import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type AvroType = string | AvroType[] | AvroComplex;

export interface AvroComplex {
  readonly type: string;
  readonly name?: string;
  readonly doc?: string;
  readonly logicalType?: string;
  readonly symbols?: readonly string[];
  readonly fields?: readonly AvroField[];
  readonly items?: AvroType;
  readonly values?: AvroType;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly doc?: string;
}

export interface SchemaFile {
  /** `order/event`: path below `proto/` without the ending. */
  readonly path: string;
  readonly schema: AvroComplex & { readonly name: string; readonly fields: readonly AvroField[] };
}

export interface TopicRow {
  readonly name: string;
  readonly schema: string;
  readonly class: 'stream' | 'ledger';
  readonly key: readonly string[] | null;
  readonly partition_by: string | null;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  readonly retention_hours: number;
  readonly conflate: boolean;
  readonly description: string;
}

/** What one service may do on the log. */
export interface AccessRow {
  readonly service: string;
  /** Its name at the brokers. */
  readonly user: string;
  /** `*`: all topics. */
  readonly reads: readonly string[];
  /** `*`: all ledgers. */
  readonly writes: readonly string[];
  readonly groups: readonly string[];
  /** What its transactional ids begin with. */
  readonly transactional_ids: string | null;
  /** Of the topics that it reads. */
  readonly dead_letters: readonly ('read' | 'write')[];
}

export interface Proto {
  readonly schemas: readonly SchemaFile[];
  readonly topics: readonly TopicRow[];
  readonly access: readonly AccessRow[];
}

export function readProto(root: string): Proto {
  const folder = join(root, 'proto');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.avsc'))
    .sort();
  const schemas = paths.map((path) => ({
    path: path.replaceAll('\\', '/').replace(/\.avsc$/, ''),
    schema: JSON.parse(readFileSync(join(folder, path), 'utf8')),
  }));
  const topics: TopicRow[] = JSON.parse(readFileSync(join(folder, 'topics.json'), 'utf8'));
  for (const topic of topics) {
    const file = schemas.find((schema) => schema.path === topic.schema);
    if (file === undefined)
      throw new Error(`topic ${topic.name}: no schema proto/${topic.schema}.avsc`);
    const names = file.schema.fields.map((field: AvroField) => field.name);
    for (const field of [...(topic.key ?? []), topic.partition_by]) {
      if (field !== null && !names.includes(field)) {
        throw new Error(`topic ${topic.name}: ${file.schema.name} has no field ${field}`);
      }
    }
  }
  return { schemas, topics, access: readAccess(folder, topics) };
}

function readAccess(folder: string, topics: readonly TopicRow[]): AccessRow[] {
  const names = (isWritten: boolean) =>
    topics
      .filter((topic) => !isWritten || topic.class === 'ledger')
      .map(({ name }) => name)
      .sort();
  const rows: AccessRow[] = JSON.parse(readFileSync(join(folder, 'access.json'), 'utf8'));
  for (const { service, reads, writes } of rows) {
    const known = new Set(['*', ...topics.map(({ name }) => name)]);
    const wrong = [...reads, ...writes].find((topic) => !known.has(topic));
    if (wrong !== undefined) throw new Error(`access of ${service}: there is no topic ${wrong}`);
  }
  return rows.map((row) => ({
    ...row,
    reads: row.reads.includes('*') ? names(false) : row.reads,
    writes: row.writes.includes('*') ? names(true) : row.writes,
  }));
}
