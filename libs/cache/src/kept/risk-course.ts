import type { EpochUs } from '@cerberus/core';
import type { Quality, RiskMetrics } from '@cerberus/schema';
import type { Cache } from '../port.ts';
import { hasNumbers, hasQuality, isFields, parsedFields } from './parsed-fields.ts';

/** One a second for an hour. */
export const RISK_COURSE_MAX = 3600;
const TTL_MS = 86_400_000;

/** Figures whose course is kept. */
export const RISK_COURSE_FIGURES = [
  'portfolio_value',
  'var_95_1d',
  'var_99_1d',
  'var_95_10d',
  'es_95_1d',
  'es_99_1d',
  'portfolio_delta',
  'portfolio_gamma',
  'portfolio_vega',
  'portfolio_theta',
] as const;
export type RiskCourseFigure = (typeof RISK_COURSE_FIGURES)[number];

/** What was known at a moment; a figure that could not be given is absent. */
export interface RiskPoint {
  readonly as_of: EpochUs;
  readonly quality: Quality;
  readonly values: Readonly<Partial<Record<RiskCourseFigure, number>>>;
}

/** The last hour of an account's figures, for whoever begins to look. */
export class RiskCourse {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  async append({ account_id, as_of, quality, values }: RiskMetrics): Promise<void> {
    const kept: Partial<Record<RiskCourseFigure, number>> = {};
    for (const name of RISK_COURSE_FIGURES) {
      const value = values[name];
      if (value !== undefined) kept[name] = value;
    }
    const point: RiskPoint = { as_of, quality, values: kept };
    const options = { maxLength: RISK_COURSE_MAX, ttlMs: TTL_MS };
    await this.#cache.append(seriesOf(account_id), JSON.stringify(point), options);
  }

  /** Newest first. */
  async recent(accountId: string, count: number): Promise<RiskPoint[]> {
    const texts = await this.#cache.recent(seriesOf(accountId), count);
    return texts.flatMap((text) => pointOf(text) ?? []);
  }
}

function seriesOf(accountId: string): string {
  return `risk:${accountId}`;
}

function pointOf(text: string): RiskPoint | undefined {
  const fields = parsedFields(text);
  if (fields === undefined || !hasNumbers(fields, ['as_of']) || !hasQuality(fields)) return;
  const values = fields['values'];
  if (!isFields(values) || !hasNumbers(values, Object.keys(values))) return;
  return fields as unknown as RiskPoint;
}
