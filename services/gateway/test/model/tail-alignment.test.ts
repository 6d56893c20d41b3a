import type { EpochUs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { TailAlignment } from '../../src/model/tail-alignment.ts';

const SECOND_US = 1_000_000;
const END = 100n;
const ENDS = [0, 1].map((partition) => ({ topic: 'order.decision', partition, nextOffset: END }));

const event = (partition: number, offset: bigint, timeS: number) => ({
  ...{ topic: 'order.event', partition, offset },
  timestampUs: (timeS * SECOND_US) as EpochUs,
});
const decision = (partition: number, offset: bigint, timeS: number) => ({
  ...event(partition, offset, timeS),
  topic: 'order.decision',
});

describe('alignment of the tails', () => {
  test('what was decided before the first event that is left opens nothing', () => {
    const alignment = new TailAlignment(ENDS);
    alignment.noteEvent(event(0, 7n, 50), 'told');
    alignment.noteEvent(event(0, 8n, 60), 'other');
    expect(alignment.mayOpen(decision(0, 1n, 49), 'old')).toBe(false);
    expect(alignment.mayOpen(decision(0, 2n, 51), 'unsent')).toBe(true);
  });

  test('clocks of two writers need not agree to the millisecond', () => {
    const alignment = new TailAlignment(ENDS);
    alignment.noteEvent(event(0, 7n, 50), 'told');
    expect(alignment.mayOpen(decision(0, 1n, 50.1), 'old')).toBe(false);
  });

  test('a partition with all its events, or with none, hides nothing', () => {
    const alignment = new TailAlignment(ENDS);
    alignment.noteEvent(event(0, 0n, 50), 'told');
    expect(alignment.mayOpen(decision(0, 1n, 49), 'old')).toBe(true);
    expect(alignment.mayOpen(decision(1, 1n, 49), 'old')).toBe(true);
  });

  test('each partition begins where its own events begin', () => {
    const alignment = new TailAlignment(ENDS);
    alignment.noteEvent(event(0, 7n, 50), 'told');
    alignment.noteEvent(event(1, 7n, 40), 'other');
    expect(alignment.mayOpen(decision(0, 1n, 45), 'old')).toBe(false);
    expect(alignment.mayOpen(decision(1, 1n, 45), 'unsent')).toBe(true);
  });

  test('an order of which events told is opened by nothing else', () => {
    const alignment = new TailAlignment(ENDS);
    alignment.noteEvent(event(0, 0n, 50), 'told');
    expect(alignment.mayOpen(decision(0, 1n, 51), 'told')).toBe(false);
  });

  test('what comes after the start is new, whatever its clock says', () => {
    const alignment = new TailAlignment(ENDS);
    alignment.noteEvent(event(0, 7n, 50), 'told');
    expect(alignment.mayOpen(decision(0, END - 1n, 1), 'old')).toBe(false);
    expect(alignment.mayOpen(decision(0, END, 1), 'new')).toBe(true);
  });
});
