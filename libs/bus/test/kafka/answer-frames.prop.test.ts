import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AnswerFrames } from '../../src/kafka/answer-frames.ts';

const SIZE_BYTES = 4;

function onTheWire(answers: readonly Uint8Array[]): Buffer {
  const parts = answers.flatMap((answer) => {
    const size = Buffer.alloc(SIZE_BYTES);
    size.writeInt32BE(answer.length);
    return [size, answer];
  });
  return Buffer.concat(parts);
}

describe('answers out of chunks', () => {
  test('are the same however they are cut, though all chunks come in the same memory', () => {
    const answer = fc.uint8Array({ minLength: 4, maxLength: 40 });
    const answers = fc.array(answer, { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
    fc.assert(
      fc.property(answers, cuts, (sent, sizes) => {
        const wire = onTheWire(sent);
        const memory = Buffer.alloc(64);
        const frames = new AnswerFrames();
        const read: Buffer[] = [];
        for (let at = 0, n = 0; at < wire.length; n += 1) {
          const length = wire.copy(memory, 0, at, at + sizes[n % sizes.length]!);
          frames.push(memory.subarray(0, length), (frame) => read.push(frame));
          at += length;
        }
        expect(read.map((frame) => frame.toString('hex'))).toEqual(
          sent.map((each) => Buffer.from(each).toString('hex')),
        );
      }),
    );
  });

  test.each([-1, 0, 3, 257 * 1024 * 1024])('an answer of %d bytes is refused', (size) => {
    const wire = Buffer.alloc(SIZE_BYTES);
    wire.writeInt32BE(size);
    const push = () => new AnswerFrames().push(wire, () => undefined);
    expect(push).toThrow(`a broker's answer of ${size} bytes`);
  });
});
