import { type Fault, fail, ok, type Result } from '@cerberus/core';
import { argumentFault, type Series, selectSmallest, tailMass } from '@cerberus/stats';
import { check, RISK_ERRORS } from './errors.ts';

/**
 * Value at risk and expected shortfall of a scenario vector for hot loops such as the order gate:
 * buffers are made once, a measurement allocates nothing and costs O(scenarios). Conventions are
 * those of `historicalVar` by default: VaR is the order statistic ⌈np⌉, ES the Acerbi-Tasche mean.
 */
export class ScenarioTail {
  /** Positive for a loss; of the last vector measured. */
  valueAtRisk = 0;
  /** Positive for a loss; of the last vector measured. */
  expectedShortfall = 0;
  readonly scenarioCount: number;
  readonly confidence: number;
  private readonly work: Float64Array;
  private readonly whole: number;
  private readonly fraction: number;

  private constructor(scenarioCount: number, confidence: number) {
    this.scenarioCount = scenarioCount;
    this.confidence = confidence;
    this.work = new Float64Array(scenarioCount);
    const mass = tailMass(scenarioCount, confidence);
    this.whole = mass.whole;
    this.fraction = mass.fraction;
  }

  static create(scenarioCount: number, confidence: number): Result<ScenarioTail> {
    const fault =
      check.number(scenarioCount, 'scenarioCount', { atLeast: 1, integer: true }) ??
      check.probability(confidence, 'confidence');
    return fault === undefined ? ok(new ScenarioTail(scenarioCount, confidence)) : fail(fault);
  }

  /** Measures one P&L vector; a fault leaves the last measurement as it was. */
  measure(pnl: Series): Fault | undefined {
    if (pnl.length !== this.scenarioCount) return check.length(pnl, 'pnl', this.scenarioCount);
    const work = this.work;
    for (let i = 0; i < work.length; i++) {
      const value = pnl[i]!;
      if (!Number.isFinite(value)) return notFinite('pnl', i, value);
      work[i] = value;
    }
    return this.select();
  }

  /** Measures `portfolio + quantity · instrument`, the portfolio after a trade. */
  measureSum(portfolio: Series, instrument: Series, quantity: number): Fault | undefined {
    const count = this.scenarioCount;
    if (portfolio.length !== count) return check.length(portfolio, 'portfolio', count);
    if (instrument.length !== count) return check.length(instrument, 'instrument', count);
    const work = this.work;
    for (let i = 0; i < work.length; i++) {
      const value = portfolio[i]! + quantity * instrument[i]!;
      if (!Number.isFinite(value)) return notFinite('portfolio + quantity · instrument', i, value);
      work[i] = value;
    }
    return this.select();
  }

  private select(): Fault | undefined {
    const { work, whole, fraction } = this;
    const order = fraction > 0 ? whole : whole - 1;
    const quantile = selectSmallest(work, order, work.length);
    let sum = 0;
    for (let i = 0; i < order; i++) sum += work[i]!;
    sum += quantile * (fraction > 0 ? fraction : 1);
    if (!Number.isFinite(sum)) {
      return argumentFault(RISK_ERRORS.OVERFLOW, 'tail sum', {
        expected: 'outcomes whose sum a double can hold',
        received: sum,
      });
    }
    this.valueAtRisk = 0 - quantile;
    this.expectedShortfall = 0 - sum / (whole + fraction);
    return undefined;
  }
}

function notFinite(path: string, row: number, value: number): Fault {
  return argumentFault(RISK_ERRORS.NOT_FINITE, `${path}[${row}]`, {
    expected: 'a finite number',
    received: value,
  });
}
