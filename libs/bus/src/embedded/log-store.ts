import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { EpochUs } from '@cerberus/core';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { IncomingRecord, TopicSpec } from '../port.ts';
import { closeLogFile, openLogFile } from './log-file.ts';
import { WalSync } from './wal-sync.ts';

export interface StoredPartition {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly compacted: boolean;
  nextOffset: number;
  compactedTo: number;
}

interface RecordRow {
  position: number;
  time_us: number;
  checksum: number;
  key: string;
  value: Uint8Array | null;
  headers: string | null;
}

type RecordTable = 'record' | 'compacted_record';

interface RecordStatements {
  readonly insert: StatementSync;
  readonly page: StatementSync;
  readonly first: StatementSync;
  readonly times: StatementSync;
  readonly deleteBelow: StatementSync;
}

export const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** The durable part of the embedded bus: what is written in one `transaction` is there or is not. */
export class LogStore {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #wal: WalSync;
  readonly #plain: RecordStatements;
  readonly #compacted: RecordStatements;
  readonly #setNext: StatementSync;
  readonly #setOffset: StatementSync;
  readonly #setEpoch: StatementSync;
  readonly #keysFrom: StatementSync;
  readonly #dropOlder: StatementSync;
  readonly #dropTombstones: StatementSync;
  readonly #setCompacted: StatementSync;

  constructor(file: string) {
    this.#file = file;
    this.#database = openLogFile(file);
    this.#wal = new WalSync(file);
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#plain = recordStatements(prepare, 'record');
    this.#compacted = recordStatements(prepare, 'compacted_record');
    this.#setNext = prepare('UPDATE partition SET next_offset = ? WHERE id = ?');
    this.#setOffset = prepare(
      'INSERT INTO group_offset VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset',
    );
    this.#setEpoch = prepare(
      'INSERT INTO producer VALUES (?, ?) ON CONFLICT DO UPDATE SET epoch = excluded.epoch',
    );
    this.#keysFrom = prepare(
      'SELECT position, key FROM compacted_record WHERE partition_id = ? AND position >= ? AND position < ? ORDER BY position LIMIT ?',
    );
    this.#dropOlder = prepare(
      'DELETE FROM compacted_record WHERE partition_id = ? AND key = ? AND position < ?',
    );
    this.#dropTombstones = prepare(
      'DELETE FROM compacted_record WHERE partition_id = ? AND value IS NULL AND time_us < ? AND position < ?',
    );
    this.#setCompacted = prepare('UPDATE partition SET compacted_to = ? WHERE id = ?');
  }

  close(): void {
    this.#wal.close();
    closeLogFile(this.#database, this.#file);
  }

  /** Calls back when every transaction so far is durable. An error is final: nothing is known then. */
  sync(done: (error: Error | null) => void): void {
    this.#wal.sync(done);
  }

  /** All of the work or nothing, in the eyes of every later read; durable after `sync`. */
  transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Adds what is new in the table of topics; refuses one whose records would be misplaced. */
  declare(topics: readonly TopicSpec[]): void {
    const known = this.#database.prepare('SELECT partitions, cleanup FROM topic WHERE name = ?');
    const used = this.#database.prepare(
      'SELECT 1 FROM partition WHERE topic = ? AND next_offset > 0 LIMIT 1',
    );
    this.transaction(() => {
      for (const spec of topics) {
        const row = known.get(spec.name) as { partitions: number; cleanup: string } | undefined;
        const same = row?.partitions === spec.partitions && row.cleanup === spec.cleanup;
        if (same) continue;
        if (row !== undefined && used.get(spec.name) !== undefined) {
          throw busError(BUS_ERRORS.FILE_UNUSABLE, {
            path: this.#file,
            message:
              `topic ${spec.name} was written with ${row.partitions} partitions (${row.cleanup}), ` +
              `declared now with ${spec.partitions} (${spec.cleanup}); start with a new data folder`,
          });
        }
        this.#declareTopic(spec);
      }
    });
  }

  #declareTopic(spec: TopicSpec): void {
    const { name, partitions, cleanup } = spec;
    this.#database.prepare('DELETE FROM partition WHERE topic = ?').run(name);
    this.#database
      .prepare('INSERT OR REPLACE INTO topic VALUES (?, ?, ?)')
      .run(name, partitions, cleanup);
    const insert = this.#database.prepare('INSERT INTO partition VALUES (NULL, ?, ?, 0, 0)');
    for (let number = 0; number < partitions; number += 1) insert.run(name, number);
  }

  partitions(): StoredPartition[] {
    const rows = this.#database
      .prepare(
        'SELECT id, topic, number, next_offset, compacted_to, cleanup FROM partition JOIN topic ON name = topic',
      )
      .all() as Record<string, string | number>[];
    return rows.map((row) => ({
      id: Number(row['id']),
      topic: String(row['topic']),
      partition: Number(row['number']),
      compacted: row['cleanup'] === 'compact',
      nextOffset: Number(row['next_offset']),
      compactedTo: Number(row['compacted_to']),
    }));
  }

  /** A number that grows by one with every call, across restarts. */
  nextCount(name: string): number {
    const row = this.#database
      .prepare(
        'INSERT INTO counter VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value',
      )
      .get(name) as { value: number };
    return row.value;
  }

  epochs(): Map<string, number> {
    const rows = this.#database.prepare('SELECT id, epoch FROM producer').all();
    return new Map(rows.map((row) => [String(row['id']), Number(row['epoch'])]));
  }

  /** Committed offsets by group and partition id. */
  groupOffsets(): { groupId: string; partitionId: number; nextOffset: number }[] {
    const rows = this.#database.prepare('SELECT * FROM group_offset').all();
    return rows.map((row) => ({
      groupId: String(row['group_id']),
      partitionId: Number(row['partition_id']),
      nextOffset: Number(row['next_offset']),
    }));
  }

  // The following write, and run inside `transaction`.

  append(partition: StoredPartition, record: IncomingRecord): void {
    const headers = record.headers === NO_HEADERS ? null : encodeHeaders(record.headers);
    this.#statements(partition).insert.run(
      partition.id,
      Number(record.offset),
      record.timestampUs,
      checksum(record.key, record.value, headers),
      record.key,
      record.value,
      headers,
    );
  }

  setNextOffset(partition: StoredPartition, nextOffset: number): void {
    this.#setNext.run(nextOffset, partition.id);
  }

  setGroupOffset(groupId: string, partition: StoredPartition, nextOffset: number): void {
    this.#setOffset.run(groupId, partition.id, nextOffset);
  }

  setEpoch(id: string, epoch: number): void {
    this.#setEpoch.run(id, epoch);
  }

  // Reading.

  /** Up to `limit` records with `from` ≤ offset < `below`, ascending; a damaged one is an error. */
  page(
    partition: StoredPartition,
    range: { from: number; below: number; limit: number },
  ): IncomingRecord[] {
    const rows = this.#statements(partition).page.all(
      partition.id,
      range.from,
      range.below,
      range.limit,
    ) as unknown as RecordRow[];
    return rows.map((row) => this.#record(partition, row));
  }

  firstOffset(partition: StoredPartition): number | undefined {
    const row = this.#statements(partition).first.get(partition.id) as { n: number | null };
    return row.n ?? undefined;
  }

  #record(partition: StoredPartition, row: RecordRow): IncomingRecord {
    const value = row.value === null ? null : bufferOf(row.value);
    if (checksum(row.key, value, row.headers) !== row.checksum) {
      throw busError(BUS_ERRORS.FILE_CORRUPT, {
        path: this.#file,
        message: `checksum of ${partition.topic}/${partition.partition} at offset ${row.position}`,
      });
    }
    return {
      topic: partition.topic,
      partition: partition.partition,
      offset: BigInt(row.position),
      key: row.key,
      value,
      headers: row.headers === null ? NO_HEADERS : JSON.parse(row.headers),
      timestampUs: row.time_us as EpochUs,
    };
  }

  // Upkeep; each call does bounded work and says whether there may be more.

  /** Drops records older than the time, at most `limit`, from the front of the partition. */
  dropOlderThan(partition: StoredPartition, timeUs: number, limit: number): boolean {
    const statements = this.#statements(partition);
    const oldest = statements.times.get(partition.id, 1) as RecordRow | undefined;
    if (oldest === undefined || oldest.time_us >= timeUs) return false;
    const rows = statements.times.all(partition.id, limit) as unknown as RecordRow[];
    const kept = rows.findIndex((row) => row.time_us >= timeUs);
    const expired = kept === -1 ? rows : rows.slice(0, kept);
    const last = expired.at(-1);
    if (last === undefined) return false;
    this.transaction(() => statements.deleteBelow.run(partition.id, last.position + 1));
    return expired.length === limit;
  }

  /**
   * Looks at up to `limit` further records below `below` and drops what they supersede, so that no
   * key has two records below `compactedTo`; tombstones older than `tombstonesBeforeUs` go too.
   */
  compact(
    partition: StoredPartition,
    bounds: { below: number; tombstonesBeforeUs: number; limit: number },
  ): boolean {
    const rows = this.#keysFrom.all(
      partition.id,
      partition.compactedTo,
      bounds.below,
      bounds.limit,
    ) as unknown as RecordRow[];
    const last = rows.at(-1);
    if (last === undefined) return false;
    const newest = new Map(rows.map((row) => [row.key, row.position]));
    const compactedTo = last.position + 1;
    this.transaction(() => {
      for (const [key, position] of newest) this.#dropOlder.run(partition.id, key, position);
      this.#dropTombstones.run(partition.id, bounds.tombstonesBeforeUs, compactedTo);
      this.#setCompacted.run(compactedTo, partition.id);
    });
    partition.compactedTo = compactedTo;
    return rows.length === bounds.limit;
  }

  #statements(partition: StoredPartition): RecordStatements {
    return partition.compacted ? this.#compacted : this.#plain;
  }
}

function recordStatements(
  prepare: (sql: string) => StatementSync,
  table: RecordTable,
): RecordStatements {
  const columns = 'position, time_us, checksum, key, value, headers';
  return {
    insert: prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?, ?)`),
    page: prepare(
      `SELECT ${columns} FROM ${table} WHERE partition_id = ? AND position >= ? AND position < ? ORDER BY position LIMIT ?`,
    ),
    first: prepare(`SELECT min(position) AS n FROM ${table} WHERE partition_id = ?`),
    times: prepare(
      `SELECT position, time_us FROM ${table} WHERE partition_id = ? ORDER BY position LIMIT ?`,
    ),
    deleteBelow: prepare(`DELETE FROM ${table} WHERE partition_id = ? AND position < ?`),
  };
}

function encodeHeaders(headers: Readonly<Record<string, string>>): string | null {
  const encoded = JSON.stringify(headers);
  return encoded === '{}' ? null : encoded;
}

function checksum(key: string, value: Buffer | null, headers: string | null): number {
  const seed = crc32(headers === null ? key : `${key}\n${headers}`);
  return value === null ? seed ^ 1 : crc32(value, seed);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
