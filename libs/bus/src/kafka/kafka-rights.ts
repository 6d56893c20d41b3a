import type { ServiceAccess } from '@cerberus/schema';
import type { AclEntry, Admin } from 'kafkajs';
import { ClientFactory, type KafkaConnection } from './client-factory.ts';
import { refusalOf } from './refusals.ts';
import { type AclBinding, bindingsOf } from './rights.ts';

/** Kafka's numbers: those of the client are types only for a program that is a module. */
const RESOURCES = { topic: 2, group: 3, 'transactional-id': 5 } as const;
const PATTERNS = { literal: 3, prefixed: 4 } as const;
const OPERATIONS = { Read: 3, Write: 4, Describe: 8, DescribeConfigs: 10 } as const;
const ALLOW = 3;
const ANY = 1;
const FROM_ANYWHERE = '*';

export interface AppliedRights {
  readonly granted: number;
  readonly removed: number;
}

/**
 * Gives the users of the table exactly their rights: what is missing is granted, what they have beside is
 * taken away. Users that the table does not name are left alone.
 */
export async function applyKafkaRights(options: {
  readonly connection: KafkaConnection;
  readonly access: readonly ServiceAccess[];
  readonly topics: readonly string[];
}): Promise<AppliedRights> {
  const { connection, access, topics } = options;
  const admin = new ClientFactory(connection).plain().admin();
  try {
    await admin.connect();
    const wanted = byText(
      access.flatMap((row) => bindingsOf(row, topics).flatMap((binding) => entriesOf(binding))),
    );
    const there = byText(await rightsOf(admin, new Set(access.map(({ user }) => user))));
    const granted = [...wanted].filter(([text]) => !there.has(text)).map(([, entry]) => entry);
    const removed = [...there].filter(([text]) => !wanted.has(text)).map(([, entry]) => entry);
    // Granted first: a right that only changes its form is never missing in between.
    if (granted.length > 0) await admin.createAcls({ acl: granted });
    if (removed.length > 0) await admin.deleteAcls({ filters: removed });
    return { granted: granted.length, removed: removed.length };
  } catch (error) {
    throw refusalOf(error, connection) ?? error;
  } finally {
    await admin.disconnect();
  }
}

async function rightsOf(admin: Admin, users: ReadonlySet<string>): Promise<AclEntry[]> {
  const { resources } = await admin.describeAcls({
    ...{ resourceType: ANY, resourcePatternType: ANY },
    ...{ operation: ANY, permissionType: ANY },
  });
  return resources.flatMap(({ acls, resourceType, resourceName, resourcePatternType }) =>
    acls
      .filter(({ principal }) => users.has(principal.replace(/^User:/, '')))
      .map((acl) => ({ resourceType, resourceName, resourcePatternType, ...acl })),
  );
}

function entriesOf({ user, resource, pattern, name, operations }: AclBinding): AclEntry[] {
  return operations.map((operation) => ({
    resourceType: RESOURCES[resource],
    resourceName: name,
    resourcePatternType: PATTERNS[pattern],
    principal: `User:${user}`,
    host: FROM_ANYWHERE,
    operation: OPERATIONS[operation],
    permissionType: ALLOW,
  }));
}

function byText(entries: readonly AclEntry[]): Map<string, AclEntry> {
  return new Map(
    entries.map((entry) => [
      [
        ...[entry.resourceType, entry.resourcePatternType, entry.resourceName],
        ...[entry.principal, entry.host, entry.operation, entry.permissionType],
      ].join('\n'),
      entry,
    ]),
  );
}
