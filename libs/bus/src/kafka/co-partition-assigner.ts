import kafkajs, { type PartitionAssigner } from 'kafkajs';

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

const NAME = 'cerberus-co-partitioned';
const VERSION = 1;

export interface MemberClaim {
  readonly memberId: string;
  /** Partition numbers that the member holds and would keep. */
  readonly held: readonly number[];
}

/**
 * Which member gets which partition numbers: as even as can be, and with as few moves, because each
 * move has state to restore.
 */
export function divide(partitions: number, claims: readonly MemberClaim[]): Map<string, number[]> {
  const members = [...claims].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const shares = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]));
  const least = Math.floor(partitions / members.length);
  let extras = partitions % members.length;
  const free = new Set(Array.from({ length: partitions }, (_, n) => n));
  // Those who hold most come first, so that the larger shares are not moved for nothing.
  const byHeld = [...members].sort((a, b) => b.held.length - a.held.length);
  for (const { memberId, held } of byHeld) {
    const kept = [...new Set(held)].filter((n) => free.has(n));
    const isLarge = kept.length > least && extras > 0;
    if (isLarge) extras -= 1;
    const share = kept.slice(0, least + (isLarge ? 1 : 0));
    for (const n of share) free.delete(n);
    shares.get(memberId)!.push(...share);
  }
  const bySize = [...shares.values()];
  for (const n of [...free].sort((a, b) => a - b)) {
    bySize.sort((a, b) => a.length - b.length);
    bySize[0]!.push(n);
  }
  for (const share of bySize) share.sort((a, b) => a - b);
  return shares;
}

/** Partition n of every topic goes to one member; `instanceId` goes with its request to join. */
export function coPartitionAssigner(
  held: () => readonly number[],
  instanceId?: string,
): PartitionAssigner {
  return ({ cluster }) => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => {
      const userData = Buffer.from(JSON.stringify([...new Set(held())]));
      const metadata = MemberMetadata.encode({ version: VERSION, topics, userData });
      return { name: NAME, metadata, ...(instanceId !== undefined && { instanceId }) };
    },
    assign: ({ members, topics }) => {
      const counts = new Map(
        topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).length]),
      );
      const claims = members.map(({ memberId, memberMetadata }) => ({
        memberId,
        held: claimOf(memberMetadata),
      }));
      const shares = divide(Math.max(...counts.values()), claims);
      const assignment = [...shares].map(([memberId, numbers]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version: VERSION,
          assignment: Object.fromEntries(
            [...counts].map(([topic, count]) => [topic, numbers.filter((n) => n < count)]),
          ),
          userData: Buffer.alloc(0),
        }),
      }));
      return Promise.resolve(assignment);
    },
  });
}

/** What cannot be read claims nothing. */
function claimOf(metadata: Buffer): number[] {
  try {
    const claim = JSON.parse(
      MemberMetadata.decode(metadata)?.userData.toString() ?? '[]',
    ) as unknown;
    return Array.isArray(claim) ? claim.filter((n): n is number => Number.isInteger(n)) : [];
  } catch {
    return [];
  }
}
