/** Pictures without any dependency: lines over a numeric or date axis, and histograms, as SVG. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** Steps hold a value until the next point. */
  readonly isStep?: boolean;
}

export interface Mark {
  readonly name: string;
  readonly at: number;
}

interface Axes {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** The x values count days since 1970-01-01 and are labelled as dates. */
  readonly isDated?: boolean;
}

const [WIDTH, HEIGHT] = [860, 420];
const FRAME = { left: 78, right: 24, top: 54, bottom: 52 };
const COLOURS = ['#2563eb', '#d97706', '#059669', '#dc2626', '#7c3aed', '#475569'];
const TICKS = 8;
const DATE_TICKS_MAX = 8;
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120];
const MS_PER_DAY = 86_400_000;
const BINS_MAX = 60;

export function lineChart(
  axes: Axes,
  lines: readonly Line[],
  levels: readonly Mark[] = [],
): string {
  const points = lines.flatMap((line) => line.points);
  const across = points.map(([value]) => value);
  const linear = scaleOf(across, [FRAME.left, WIDTH - FRAME.right]);
  const x = axes.isDated === true ? { ...linear, ticks: dateTicks(across) } : linear;
  const heights = [...points.map(([, value]) => value), ...levels.map(({ at }) => at)];
  const y = scaleOf(heights, [HEIGHT - FRAME.bottom, FRAME.top]);
  const drawn = lines.map(({ points: own, isStep }, index) => {
    const path = own.map(([px, py], i) => {
      const [cx, cy] = [coordinate(x.at(px)), coordinate(y.at(py))];
      if (i === 0) return `M${cx} ${cy}`;
      return isStep === true ? `H${cx}V${cy}` : `L${cx} ${cy}`;
    });
    return `<path d="${path.join('')}" fill="none" stroke="${colour(index)}" stroke-width="1.6"/>`;
  });
  const rules = levels.map(({ name, at }) => {
    const cy = coordinate(y.at(at));
    return `<path d="M${FRAME.left} ${cy}H${WIDTH - FRAME.right}" stroke="#475569" stroke-dasharray="5 4"/><text x="${WIDTH - FRAME.right}" y="${cy - 4}" text-anchor="end">${escaped(name)}</text>`;
  });
  return page(axes, { x, y }, [...drawn, ...rules, legend(lines.map(({ name }) => name))]);
}

/** Counts of values with vertical marks, such as a value at risk. */
export function histogram(axes: Axes, values: ArrayLike<number>, marks: readonly Mark[]): string {
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const count = Math.max(1, Math.min(BINS_MAX, Math.ceil(2 * Math.cbrt(sorted.length) * 1.5)));
  const width = (high - low) / count || 1;
  const bins = new Float64Array(count);
  for (const value of sorted) bins[Math.min(count - 1, Math.floor((value - low) / width))]! += 1;
  const inside = [low, low + count * width, ...marks.map(({ at }) => at)];
  const x = scaleOf(inside, [FRAME.left, WIDTH - FRAME.right]);
  const y = scaleOf([0, ...bins], [HEIGHT - FRAME.bottom, FRAME.top]);
  const bars = [...bins].map((bin, i) => {
    const left = x.at(low + i * width);
    const right = x.at(low + (i + 1) * width);
    const top = y.at(bin);
    return `<rect x="${coordinate(left)}" y="${coordinate(top)}" width="${coordinate(Math.max(0.5, right - left - 1))}" height="${coordinate(y.at(0) - top)}" fill="#2563eb" fill-opacity="0.65"/>`;
  });
  const down = marks.map(({ name, at }, index) => {
    const cx = coordinate(x.at(at));
    const stroke = colour(index + 1);
    return `<path d="M${cx} ${FRAME.top}V${HEIGHT - FRAME.bottom}" stroke="${stroke}" stroke-width="1.6" stroke-dasharray="5 4"/><text x="${cx - 4}" y="${FRAME.top + 12 + 14 * index}" text-anchor="end" fill="${stroke}">${escaped(name)}</text>`;
  });
  return page(axes, { x, y }, [...bars, ...down]);
}

/** Text of a tick that counts days since 1970-01-01. */
export function dayText(day: number): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** A linear scale over the values, with ticks at round numbers inside. */
function scaleOf(values: readonly number[], [from, to]: readonly [number, number]): Scale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low < high)) {
    const margin = Math.abs(low) / 10 || 1;
    [low, high] = [low - margin, low + margin];
  }
  const step = roundStep((high - low) / TICKS);
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++)
    ticks.push(k * step);
  return { at: (value) => from + ((value - low) / (high - low)) * (to - from), ticks };
}

/** First days of months inside the range, as many months apart as leaves few enough. */
function dateTicks(days: readonly number[]): number[] {
  const low = days.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = days.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const monthOf = (day: number): number => {
    const date = new Date(day * MS_PER_DAY);
    return 12 * date.getUTCFullYear() + date.getUTCMonth();
  };
  const [first, last] = [monthOf(low) + 1, monthOf(high)];
  const step = MONTH_STEPS.find((each) => (last - first) / each < DATE_TICKS_MAX) ?? 240;
  const ticks: number[] = [];
  for (let month = Math.ceil(first / step) * step; month <= last; month += step) {
    ticks.push(Date.UTC(Math.floor(month / 12), month % 12) / MS_PER_DAY);
  }
  return ticks;
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough) ?? 10;
  return factor * power;
}

function page(
  axes: Axes,
  { x, y }: { readonly x: Scale; readonly y: Scale },
  marks: string[],
): string {
  const [bottom, right] = [HEIGHT - FRAME.bottom, WIDTH - FRAME.right];
  const xText = axes.isDated === true ? dayText : tickText;
  const vertical = x.ticks.map((tick) => {
    const cx = coordinate(x.at(tick));
    return `<path d="M${cx} ${FRAME.top}V${bottom}" stroke="#e2e8f0"/><text x="${cx}" y="${bottom + 18}" text-anchor="middle">${escaped(xText(tick))}</text>`;
  });
  const horizontal = y.ticks.map((tick) => {
    const cy = coordinate(y.at(tick));
    return `<path d="M${FRAME.left} ${cy}H${right}" stroke="#e2e8f0"/><text x="${FRAME.left - 8}" y="${cy + 4}" text-anchor="end">${tickText(tick)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#334155">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${FRAME.left}" y="24" font-size="16" font-weight="600" fill="#0f172a">${escaped(axes.title)}</text>`,
    ...vertical,
    ...horizontal,
    `<path d="M${FRAME.left} ${FRAME.top}V${bottom}H${right}" fill="none" stroke="#94a3b8"/>`,
    ...marks,
    `<text x="${(FRAME.left + right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(axes.xLabel)}</text>`,
    `<text transform="translate(16 ${(FRAME.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(axes.yLabel)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function legend(names: readonly string[]): string {
  if (names.length < 2) return '';
  let left = FRAME.left;
  return names
    .map((name, index) => {
      const item = `<rect x="${left}" y="36" width="14" height="3" fill="${colour(index)}"/><text x="${left + 20}" y="42">${escaped(name)}</text>`;
      left += 44 + 7 * name.length;
      return item;
    })
    .join('');
}

function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-4)) return value.toExponential(1);
  return String(Number(value.toPrecision(6)));
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length]!;
}

function coordinate(value: number): number {
  return Math.round(value * 100) / 100;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
