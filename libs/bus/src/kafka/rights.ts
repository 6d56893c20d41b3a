import type { ServiceAccess } from '@cerberus/schema';
import { DEAD_LETTER_SUFFIX } from '../port.ts';

/** One rule of Kafka that allows something. */
export interface AclBinding {
  readonly user: string;
  readonly resource: 'topic' | 'group' | 'transactional-id';
  readonly pattern: 'literal' | 'prefixed';
  readonly name: string;
  readonly operations: readonly AclOperation[];
}

export type AclOperation = 'Read' | 'Write' | 'Describe' | 'DescribeConfigs';

const ANY = '*';

/**
 * The rules of one service. Names and settings of topics are no secret and every process checks all of
 * them when it starts, so those may be seen by all; records only by whom the table names. Nobody
 * needs a right on the cluster: whoever may write as a transactional id may write idempotently.
 */
export function bindingsOf(access: ServiceAccess, topics: readonly string[]): AclBinding[] {
  const { user, groups, transactionalIds } = access;
  const literal = (resource: AclBinding['resource'], name: string, ...operations: AclOperation[]) =>
    ({ user, resource, pattern: 'literal', name, operations }) as const;
  return [
    literal('topic', ANY, 'Describe', 'DescribeConfigs'),
    ...topicRights(access, topics).map(([name, operations]) =>
      literal('topic', name, ...operations),
    ),
    ...groups.map((group) => literal('group', group, 'Read')),
    ...(transactionalIds === null
      ? []
      : [
          {
            ...({ user, resource: 'transactional-id', pattern: 'prefixed' } as const),
            name: transactionalIds,
            operations: ['Write', 'Describe'],
          } as const,
        ]),
  ];
}

function topicRights(
  { reads, writes, deadLetters }: ServiceAccess,
  topics: readonly string[],
): [string, AclOperation[]][] {
  const rights = new Map<string, AclOperation[]>();
  const grant = (topic: string, operation: AclOperation) =>
    rights.set(topic, [...(rights.get(topic) ?? []), operation]);
  for (const topic of reads) grant(topic, 'Read');
  for (const topic of writes) grant(topic, 'Write');
  if (deadLetters.includes('read')) {
    for (const topic of topics) grant(`${topic}${DEAD_LETTER_SUFFIX}`, 'Read');
  }
  if (deadLetters.includes('write')) {
    for (const topic of reads) grant(`${topic}${DEAD_LETTER_SUFFIX}`, 'Write');
  }
  return [...rights];
}
