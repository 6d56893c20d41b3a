import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { BoundedSeries } from './bounded-series.ts';
import { colour, useTheme } from './theme.ts';

export interface ChartSeries {
  /** Column of the history. */
  column: number;
  label: string;
  colour: string;
  dash?: number[];
  width?: number;
  fill?: string;
}

export interface LineChartProps {
  history: BoundedSeries;
  /** Draws again when it changes. */
  version: number;
  series: ChartSeries[];
  format: (value: number) => string;
  label: string;
  /** The y range starts at zero: for amounts held against a limit. */
  fromZero?: boolean;
}

const AXIS_FONT = '11px system-ui, sans-serif';
const MINIMUM_SPAN_S = 60;

function utcTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}

function optionsOf(props: LineChartProps, size: { width: number; height: number }): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colour('text-muted'),
    font: AXIS_FONT,
    grid: { stroke: colour('grid'), width: 1 },
    ticks: { show: false },
    gap: 6,
  };
  return {
    ...size,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    padding: [10, 12, 0, 0],
    scales: {
      x: { time: true, range: (_, low, high) => [Math.min(low, high - MINIMUM_SPAN_S), high] },
      y: {
        range: (_, low, high) => {
          if (low === null || high === null) return [0, 1];
          if (props.fromZero) return [0, high * 1.08 || 1];
          const room = (high - low) * 0.12 || Math.abs(high) * 0.0005 || 1;
          return [low - room, high + room];
        },
      },
    },
    axes: [
      { ...axis, size: 26, space: 80, values: (_, splits) => splits.map(utcTime) },
      {
        ...axis,
        size: 66,
        space: 34,
        values: (_, splits) => splits.map((value) => (value === null ? '' : props.format(value))),
      },
    ],
    series: [
      {},
      ...props.series.map(
        (each): uPlot.Series => ({
          label: each.label,
          stroke: colour(each.colour),
          width: each.width ?? 1.75,
          points: { show: false },
          spanGaps: false,
          ...(each.dash ? { dash: each.dash } : {}),
          ...(each.fill ? { fill: colour(each.fill) } : {}),
        }),
      ),
    ],
  };
}

function dataOf(props: LineChartProps): uPlot.AlignedData {
  const { history, series } = props;
  return [history.timesS, ...series.map((each) => history.columns[each.column] ?? [])];
}

/** uPlot inside React: made once per theme and history, then only fed. */
export function LineChart(props: LineChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = useTheme();
  const shape = props.series.map((each) => each.label).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: theme, history and shape are what makes a new chart; the rest is read through `latest`.
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const options = optionsOf(latest.current, size());
    options.hooks = {
      setCursor: [(plot) => showReadout(plot, latest.current, readout.current)],
    };
    const plot = new uPlot(options, dataOf(latest.current), element);
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, [theme, props.history, shape]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the history is fed in place, its version says when.
  useEffect(() => {
    chart.current?.setData(dataOf(latest.current));
  }, [props.version]);

  return (
    <div className="chart" role="img" aria-label={props.label}>
      <div className="chart-plot" ref={holder} />
      <div className="chart-readout" ref={readout} hidden />
    </div>
  );
}

function showReadout(plot: uPlot, props: LineChartProps, element: HTMLDivElement | null): void {
  if (!element) return;
  const index = plot.cursor.idx;
  const time = index === null || index === undefined ? undefined : props.history.timesS[index];
  element.hidden = time === undefined;
  if (time === undefined || index === null || index === undefined) return;
  const parts = props.series.map((each) => {
    const value = props.history.columns[each.column]?.[index] ?? null;
    return `${each.label} ${value === null ? '—' : props.format(value)}`;
  });
  element.textContent = `${utcTime(time)}  ${parts.join('  ')}`;
}
