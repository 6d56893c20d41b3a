import { memo } from 'react';
import type { BoundedSeries } from './bounded-series.ts';

interface SparklineProps {
  history: BoundedSeries;
  version: number;
  column: number;
  tone: 'up' | 'down' | 'flat' | 'accent';
  width?: number;
  height?: number;
}

const SHOWN_SAMPLES = 90;

/** A shape, not a measurement: the numbers stand beside it. */
export const Sparkline = memo(function Sparkline(props: SparklineProps) {
  const { width = 72, height = 20 } = props;
  const values = (props.history.columns[props.column] ?? [])
    .slice(-SHOWN_SAMPLES)
    .filter((value) => value !== null);
  return (
    <svg
      className={`sparkline tone-${props.tone}`}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={pathOf(values, width, height)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
});

function pathOf(values: number[], width: number, height: number): string {
  if (values.length < 2) return `M0 ${height / 2}H${width}`;
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const step = width / (values.length - 1);
  return values
    .map((value, index) => {
      const y = height - 2 - ((value - low) / span) * (height - 4);
      return `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
