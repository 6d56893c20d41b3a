import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createStore } from '../../src/connection/store.ts';

const frames: (() => void)[] = [];

beforeEach(() => {
  frames.length = 0;
  globalThis.requestAnimationFrame = (callback) => frames.push(() => callback(0));
});

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'requestAnimationFrame');
});

test('a burst of updates of several stores is published once, in one frame', () => {
  const [first, second] = [createStore(0), createStore('')];
  const seen: unknown[] = [];
  first.subscribe(() => seen.push(first.published()));
  second.subscribe(() => seen.push(second.published()));
  for (let index = 0; index < 1000; index += 1) first.update((count) => count + 1);
  second.update(() => 'changed');
  expect(first.published()).toBe(0);
  expect(frames).toHaveLength(1);
  frames.shift()?.();
  expect(seen).toEqual([1000, 'changed']);
  first.update((count) => count + 1);
  expect(frames).toHaveLength(1);
});

test('what ends as it was is not published', () => {
  const store = createStore(5);
  let published = 0;
  store.subscribe(() => {
    published += 1;
  });
  store.update(() => 6);
  store.update(() => 5);
  frames.shift()?.();
  expect(published).toBe(0);
});
