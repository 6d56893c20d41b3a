import type { Amount, CheckResult, Measure, PreTradeDecision } from '../contract.ts';
import { Absent } from '../display/figure.tsx';
import {
  formatCompactUsd,
  formatGreek,
  formatName,
  formatPercent,
  formatQuantity,
  numberOf,
} from '../display/format.ts';
import { Meter } from '../display/meter.tsx';

/** Dollars carry their sign, and a quantity is that of the order above. */
const UNSAID_UNITS = new Set(['USD', 'quantity']);
const COMPACT_FROM = 10_000;
/** A check is read at a glance; the exact amounts are in the gate's answer. */
const SHOWN_DIGITS = 6;

function amountText(value: Amount | number, unit: string | null): string {
  const number = numberOf(value);
  if (number === null) return String(value);
  if (unit?.toUpperCase() === 'USD' && Math.abs(number) >= COMPACT_FROM) {
    return formatCompactUsd(number);
  }
  const text = formatQuantity(
    Number.isInteger(number) ? String(value) : String(Number(number.toPrecision(SHOWN_DIGITS))),
  );
  return unit?.toUpperCase() === 'USD' ? `$${text}` : text;
}

function Quantity({ value, unit }: { value: Amount | Measure; unit: string | null }) {
  if (value === null || value === undefined) return <Absent reason="does not apply here" />;
  return <span className="figure">{amountText(value, unit)}</span>;
}

/** Severity is that of the limit, hard or soft; only a failed check weighs. */
function markOf(check: CheckResult): { mark: string; tone: string; word: string } {
  if (check.passed) return { mark: '✓', tone: 'up', word: 'passes' };
  const soft = ['soft', 'warning'].includes(check.severity?.toLowerCase() ?? '');
  return soft
    ? { mark: '!', tone: 'warning', word: 'warns' }
    : { mark: '✕', tone: 'critical', word: 'blocks' };
}

/** What stops the order stands first. */
function byWeight(a: CheckResult, b: CheckResult): number {
  const weight = (check: CheckResult) => ({ '✕': 0, '!': 1, '✓': 2 })[markOf(check).mark] ?? 2;
  return weight(a) - weight(b) || (b.utilization ?? 0) - (a.utilization ?? 0);
}

export function CheckList({ decision }: { decision: PreTradeDecision }) {
  return (
    <ul className="checks" aria-label="Pre-trade checks">
      {[...decision.checks_performed].sort(byWeight).map((check, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one check may run against several limits; the rows hold no state.
        <CheckRow key={`${check.check}-${check.code ?? ''}-${index}`} check={check} />
      ))}
    </ul>
  );
}

function CheckRow({ check }: { check: CheckResult }) {
  const { mark, tone, word } = markOf(check);
  const unit = check.unit && !UNSAID_UNITS.has(check.unit) ? check.unit : null;
  return (
    <li className={`check check-${tone}`} title={check.message ?? undefined}>
      <span className={`check-mark tone-${tone}`}>
        <span aria-hidden="true">{mark}</span>
        <span className="visually-hidden">{word}</span>
      </span>
      <span className="check-name">{formatName(check.check)}</span>
      <span className="check-amounts">
        {(check.value !== null || check.limit !== null) && (
          <>
            <Quantity value={check.value} unit={check.unit} />
            <span className="muted"> / </span>
            <Quantity value={check.limit} unit={check.unit} />
            {unit && <span className="muted"> {unit}</span>}
          </>
        )}
      </span>
      <span className="check-use">
        {check.utilization === null ? (
          ''
        ) : (
          <>
            <Meter
              utilization={check.utilization}
              label={`${formatName(check.check)} utilisation`}
            />
            <span className="figure">{formatPercent(check.utilization, 0)}</span>
          </>
        )}
      </span>
      {!check.passed && (
        <span className="check-message">
          {check.message ?? 'No message given.'}
          {check.code && <code>{check.code}</code>}
        </span>
      )}
    </li>
  );
}

const IMPACTS = [
  ['delta', 'Δ delta', formatGreek],
  ['var_99_1d', 'Δ VaR 99', formatCompactUsd],
  ['es_99_1d', 'Δ ES 99', formatCompactUsd],
  ['margin', 'Δ margin', formatCompactUsd],
] as const;

export function RiskImpact({ decision }: { decision: PreTradeDecision }) {
  const impact = decision.risk_impact ?? {};
  return (
    <dl className="impact" aria-label="Risk impact of this order">
      {IMPACTS.map(([name, label, format]) => {
        const value = numberOf(impact[name]?.change);
        return (
          <div key={name}>
            <dt>{label}</dt>
            <dd>
              {value === null ? (
                <Absent reason={impact.missing?.[name] ?? 'not computed for this order'} />
              ) : (
                <span className="figure">{format(value)}</span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
