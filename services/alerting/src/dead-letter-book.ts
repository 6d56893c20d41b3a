import type { DeadLetter, ReplayMark } from '@cerberus/bus';
import { type EpochUs, formatEpochUs } from '@cerberus/core';
import { TOPICS, type TopicName } from '@cerberus/schema';
import type { Condition } from './alert-life.ts';
import type { Verdict } from './verdict.ts';

interface Waiting {
  readonly reason: string;
  readonly timeUs: EpochUs;
}

/** What one service set aside of one topic and nobody has put back, by place in the topic. */
interface Pile {
  readonly topic: string;
  readonly service: string;
  readonly letters: Map<string, Waiting>;
  changed: boolean;
}

/** Letters of a pile known one by one; of more the oldest are forgotten. */
const LETTERS_MAX = 100_000;
const REASONS_TOLD = 5;

/** Dead letters of the last hours that wait for somebody; a pure function of the topics and the time. */
export class DeadLetterBook {
  readonly #windowUs: number;
  readonly #piles = new Map<string, Pile>();

  constructor(windowMs: number) {
    this.#windowUs = windowMs * 1000;
  }

  add(entry: DeadLetter | ReplayMark, nowUs: EpochUs): void {
    const { topic, partition, offset } = entry.source;
    const place = `${partition}@${offset}`;
    if (entry.kind === 'replayed') {
      for (const pile of this.#piles.values()) {
        if (pile.topic === topic && pile.letters.delete(place)) pile.changed = true;
      }
      return;
    }
    const { service, reason } = entry;
    const timeUs = entry.record.timestampUs;
    if (nowUs - timeUs >= this.#windowUs) return;
    const pile = this.#pile(topic, service);
    if (pile.letters.size >= LETTERS_MAX) pile.letters.delete(pile.letters.keys().next().value!);
    pile.letters.set(place, { reason, timeUs });
    pile.changed = true;
  }

  /** What there is to say since the last call. */
  verdicts(nowUs: EpochUs): Verdict[] {
    return [...this.#piles].flatMap(([subject, pile]): Verdict[] => {
      for (const [place, { timeUs }] of pile.letters) {
        if (nowUs - timeUs < this.#windowUs) continue;
        pile.letters.delete(place);
        pile.changed = true;
      }
      if (!pile.changed) return [];
      pile.changed = false;
      if (pile.letters.size > 0) return [verdictOf(subject, pile)];
      this.#piles.delete(subject);
      return [{ rule: 'dead_letter', subject, condition: undefined }];
    });
  }

  #pile(topic: string, service: string): Pile {
    const subject = `${topic} ${service}`;
    const known = this.#piles.get(subject);
    if (known !== undefined) return known;
    const pile: Pile = { topic, service, letters: new Map(), changed: true };
    this.#piles.set(subject, pile);
    return pile;
  }
}

function verdictOf(subject: string, { topic, service, letters }: Pile): Verdict {
  const counts = new Map<string, number>();
  let newestUs = 0;
  for (const { reason, timeUs } of letters.values()) {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
    newestUs = Math.max(newestUs, timeUs);
  }
  const asOf = formatEpochUs(newestUs as EpochUs);
  const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, REASONS_TOLD);
  const reasons = sorted.map(([reason, count]) => `${reason} (${count})`).join(', ');
  const isLedger = TOPICS[topic as TopicName]?.class === 'ledger';
  const count = letters.size;
  const condition: Condition = {
    rule: 'dead_letter',
    category: 'platform',
    severity: isLedger ? 'CRITICAL' : 'WARNING',
    subject,
    message: `${service} could not use ${count === 1 ? 'a record' : `${count} records`} of ${topic}: ${reasons}`,
    data: { topic, service, reasons, as_of: asOf },
    actions: [`cerberus dlq show ${topic}`, ...(isLedger ? [`cerberus dlq replay ${topic}`] : [])],
    count,
  };
  return { rule: 'dead_letter', subject, condition, asOf };
}
