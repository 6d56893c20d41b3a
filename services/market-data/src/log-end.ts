import { type Bus, type IncomingRecord, tailOffsets } from '@cerberus/bus';
import type { Codecs } from '@cerberus/schema';
import { NOTHING_TOLD, note, type ToldMark } from './withheld-events.ts';

/** Records of every partition looked through: more than are published while nobody owns it. */
const TAIL_RECORDS = 2000n;
const TOPICS = ['md.trade', 'md.bar'] as const;

/** How far the log tells trades and minute bars of these instruments. */
export async function endOfLog(
  bus: Bus,
  codecs: Codecs,
  instruments: ReadonlySet<string>,
): Promise<Map<string, ToldMark>> {
  const marks = new Map<string, ToldMark>();
  const take = ({ topic, key, value }: IncomingRecord) => {
    if (value === null || !instruments.has(key)) return;
    const name = topic === 'md.trade' ? 'md.trade' : 'md.bar';
    const decoded = codecs.decode(name, value);
    if (!decoded.ok) return;
    const mark = marks.get(key) ?? { ...NOTHING_TOLD };
    marks.set(key, mark);
    const event = { topic: name, value: decoded.value } as Parameters<typeof note>[1];
    if (event.topic === 'md.trade' || event.value.interval === '1m') note(mark, event);
  };
  const { offsets } = await tailOffsets(bus, TOPICS, TAIL_RECORDS);
  const follower = await bus.follow({ topics: TOPICS, from: offsets, onRecord: take });
  try {
    await follower.caughtUp;
  } finally {
    await follower.stop();
  }
  return marks;
}
