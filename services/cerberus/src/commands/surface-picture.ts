import { type FittedSurface, sliceVariance } from '@cerberus/surface';

const PANELS = 6;
const COLUMNS = 3;
const [PANEL_WIDTH, PANEL_HEIGHT, TOP] = [310, 230, 40];
const FRAME = { left: 44, right: 10, top: 26, bottom: 30 };
const CURVE_POINTS = 120;

/** Expiries spread evenly over the surface, the first and the last among them. */
function chosenRows(count: number): number[] {
  const wanted = Math.min(PANELS, count);
  const rows = Array.from({ length: wanted }, (_, i) =>
    wanted === 1 ? 0 : Math.round((i * (count - 1)) / (wanted - 1)),
  );
  return [...new Set(rows)];
}

/** Smiles of up to six expiries as SVG: bid to ask as bars, the fitted surface as a line. */
export function smilePicture(title: string, fitted: FittedSurface): string {
  const rows = chosenRows(fitted.smiles.length);
  const height = TOP + Math.ceil(rows.length / COLUMNS) * PANEL_HEIGHT;
  const width = COLUMNS * PANEL_WIDTH;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#334155">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="14" y="24" font-size="15" font-weight="600" fill="#0f172a">${escaped(title)}: implied volatility (%) against ln(K/F)</text>`,
    ...rows.map((row, i) => {
      const x = (i % COLUMNS) * PANEL_WIDTH;
      const y = TOP + Math.floor(i / COLUMNS) * PANEL_HEIGHT;
      return `<g transform="translate(${x} ${y})">${panel(fitted, row)}</g>`;
    }),
    '</svg>',
    '',
  ].join('\n');
}

function panel(fitted: FittedSurface, row: number): string {
  const smile = fitted.smiles[row]!;
  const { slice, timeYears, id } = fitted.surface.expiries[row]!;
  const k = smile.logMoneyness;
  const [low, high] = [k[0]!, k[k.length - 1]!];
  const top = 105 * Math.max(...smile.midVolatility);
  const bottom = 85 * Math.min(...smile.midVolatility);
  const right = PANEL_WIDTH - FRAME.right;
  const floor = PANEL_HEIGHT - FRAME.bottom;
  const xAt = (value: number) =>
    fixed(FRAME.left + ((value - low) / (high - low)) * (right - FRAME.left));
  const yAt = (value: number) => {
    const share = (Math.min(top, Math.max(bottom, 100 * value)) - bottom) / (top - bottom);
    return fixed(floor - share * (floor - FRAME.top));
  };
  const bars = Array.from(
    k,
    (at, i) => `M${xAt(at)} ${yAt(smile.bidVolatility[i]!)}V${yAt(smile.askVolatility[i]!)}`,
  ).join('');
  const curve = Array.from({ length: CURVE_POINTS }, (_, i) => {
    const at = low + ((high - low) * i) / (CURVE_POINTS - 1);
    return `${i === 0 ? 'M' : 'L'}${xAt(at)} ${yAt(Math.sqrt(sliceVariance(slice, at) / timeYears))}`;
  }).join('');
  const ticks = [0, 0.5, 1].map((share) => {
    const across = low + share * (high - low);
    const up = (bottom + share * (top - bottom)) / 100;
    return `<text x="${xAt(across)}" y="${floor + 16}" text-anchor="middle">${across.toFixed(2)}</text><text x="${FRAME.left - 6}" y="${yAt(up) + 4}" text-anchor="end">${(100 * up).toFixed(0)}</text>`;
  });
  return [
    `<text x="${FRAME.left}" y="16" font-weight="600">${escaped(id)} (${(365 * timeYears).toFixed(1)} days)</text>`,
    `<path d="M${FRAME.left} ${FRAME.top}V${floor}H${right}" fill="none" stroke="#94a3b8"/>`,
    ...ticks,
    `<path d="${bars}" stroke="#d97706" stroke-width="1.4" fill="none"/>`,
    `<path d="${curve}" stroke="#2563eb" stroke-width="1.3" fill="none"/>`,
  ].join('');
}

function fixed(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
