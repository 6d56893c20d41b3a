import { formatPercent } from './format.ts';

interface MeterProps {
  /** Fraction of the hard limit; null when there is none to measure against. */
  utilization: number | null;
  /** Soft limit as a fraction of the hard one. */
  soft?: number | null;
  label: string;
}

export function meterTone(utilization: number | null, soft: number | null): string {
  if (utilization === null) return 'flat';
  if (utilization >= 1) return 'critical';
  return utilization >= (soft ?? 0.8) ? 'warning' : 'accent';
}

/** Use of a limit: the bar ends at the hard limit, the notch is the soft one. */
export function Meter({ utilization, soft = null, label }: MeterProps) {
  const shown = Math.min(1, Math.max(0, utilization ?? 0));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a native meter can be neither coloured nor notched alike in all browsers.
    <span
      className={`meter meter-${meterTone(utilization, soft)}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={1}
      aria-valuenow={shown}
      aria-valuetext={utilization === null ? 'no limit given' : formatPercent(utilization)}
    >
      <span className="meter-fill" style={{ transform: `scaleX(${shown})` }} />
      {soft !== null && soft > 0 && soft < 1 && (
        <span className="meter-notch" style={{ insetInlineStart: `${soft * 100}%` }} />
      )}
    </span>
  );
}
