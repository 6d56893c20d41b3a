import { mkdirSync, rmSync } from 'node:fs';
import { CerberusError, type Clock } from '@cerberus/core';
import { acquireInstanceLock, type Logger, type Readiness } from '@cerberus/runtime';
import pg from 'pg';
import type { PostgresConnection } from '../postgres-store.ts';
import { sqlStateOf, storeFailure } from '../sql-failure.ts';
import { findBinaries } from './binaries.ts';
import { DATABASE_USER, openCluster } from './cluster.ts';
import { clusterHome, existingCluster, rememberData } from './cluster-home.ts';
import { serverUser } from './operating-system-user.ts';
import { EmbeddedServer } from './server.ts';
import { SOCKET_PORT, socketFolder } from './socket-folder.ts';

const DATABASE = 'cerberus';
const UNKNOWN_DATABASE = '3D000';
const DUPLICATE_DATABASE = '42P04';

export interface EmbeddedPostgresOptions {
  /** Ours alone, made when missing; the data goes in or is pointed to from here. */
  readonly folder: string;
  /** Outermost of our private folders above it; the folder itself unless given. */
  readonly privateRoot?: string;
  readonly startTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface EmbeddedPostgres {
  readonly connection: PostgresConnection;
  /** Where the data is, which as root may be elsewhere. */
  readonly home: string;
  readonly server: EmbeddedServer;
  ready(): Readiness;
  stop(): Promise<void>;
}

/** Starts PostgreSQL from the binaries of npm on a folder, making the data when there is none. */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { folder, clock, log } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const user = serverUser(existingCluster(folder), log);
  const binaries = findBinaries(user, log);
  const home = clusterHome({ folder, privateRoot: options.privateRoot ?? folder, user, log });
  const lock = acquireInstanceLock(home, 'relational data folder');
  try {
    const cluster = await openCluster({ home, binaries, user, log });
    rememberData(folder, home);
    const sockets = socketFolder(cluster.path, user);
    const server = await EmbeddedServer.start({
      cluster,
      binaries,
      user,
      socketFolder: sockets,
      startTimeoutMs: options.startTimeoutMs,
      clock,
      log,
    });
    const connection: PostgresConnection = {
      host: sockets,
      port: SOCKET_PORT,
      user: DATABASE_USER,
      password: cluster.password,
      database: DATABASE,
    };
    const prepare = cluster.isNew ? createDatabase : ensureDatabase;
    await prepare(connection).catch(async (error: unknown) => {
      await server.stop();
      throw error instanceof CerberusError ? error : storeFailure(error);
    });
    return {
      connection,
      home,
      server,
      ready: () => server.ready(),
      async stop() {
        await server.stop();
        rmSync(sockets, { recursive: true, force: true });
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function ensureDatabase(connection: PostgresConnection): Promise<void> {
  const client = new pg.Client({ ...connection });
  try {
    await client.connect();
  } catch (error) {
    if (sqlStateOf(error) !== UNKNOWN_DATABASE) throw error;
    await createDatabase(connection);
  } finally {
    await client.end();
  }
}

async function createDatabase(connection: PostgresConnection): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' });
  try {
    await client.connect();
    await client.query(`CREATE DATABASE ${DATABASE}`);
  } catch (error) {
    if (sqlStateOf(error) !== DUPLICATE_DATABASE) throw error;
  } finally {
    await client.end();
  }
}
