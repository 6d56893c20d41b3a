/**
 * Moves the `order + 1` smallest elements of `values[0..length)` to the front, in any order, with
 * the largest of them at index `order`, and returns it. In place, no allocation, O(length) on
 * average. Hoare's selection with the median of three as pivot (Sedgewick, Algorithms, ch. 9); on
 * the rare run that does not shrink it falls back to heap selection, so the worst case is
 * O(length · log length). Elements must be finite; `0 ≤ order < length ≤ values.length`.
 */
export function selectSmallest(values: Float64Array, order: number, length: number): number {
  let left = 0;
  let right = length - 1;
  let budget = 2 * (32 - Math.clz32(length));
  while (left < right) {
    if (budget-- === 0) {
      heapSelect(values, { left, right, order });
      break;
    }
    const pivot = medianOfThree(values, left, right);
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const held = values[i]!;
        values[i] = values[j]!;
        values[j] = held;
        i++;
        j--;
      }
    }
    if (order <= j) right = j;
    else if (order >= i) left = i;
    else break;
  }
  return values[order]!;
}

function medianOfThree(values: Float64Array, left: number, right: number): number {
  const a = values[left]!;
  const b = values[(left + right) >>> 1]!;
  const c = values[right]!;
  if (a < b) return b < c ? b : a < c ? c : a;
  return a < c ? a : b < c ? c : b;
}

/** Partial heap sort of `values[left..right]` until the element of rank `order` is in place. */
function heapSelect(
  values: Float64Array,
  range: { readonly left: number; readonly right: number; readonly order: number },
): void {
  const { left, order } = range;
  const size = order - left + 1;
  for (let root = (size >>> 1) - 1; root >= 0; root--) siftDown(values, left, root, size);
  for (let i = order + 1; i <= range.right; i++) {
    if (values[i]! >= values[left]!) continue;
    const held = values[left]!;
    values[left] = values[i]!;
    values[i] = held;
    siftDown(values, left, 0, size);
  }
  const largest = values[left]!;
  values[left] = values[order]!;
  values[order] = largest;
}

function siftDown(values: Float64Array, offset: number, start: number, size: number): void {
  let root = start;
  for (;;) {
    let child = 2 * root + 1;
    if (child >= size) return;
    if (child + 1 < size && values[offset + child]! < values[offset + child + 1]!) child++;
    const parentValue = values[offset + root]!;
    const childValue = values[offset + child]!;
    if (parentValue >= childValue) return;
    values[offset + root] = childValue;
    values[offset + child] = parentValue;
    root = child;
  }
}
