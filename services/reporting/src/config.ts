import { CerberusError, faultOf } from '@cerberus/core';
import { HISTORY_RETENTION, type HistoryRetention } from '@cerberus/store';
import { type Static, Type } from 'typebox';
import { REPORTING_ERRORS } from './errors.ts';

const days = (key: keyof HistoryRetention, minimum: number, description: string) =>
  Type.Integer({ default: HISTORY_RETENTION[key], minimum, maximum: 36_500, description });

export const REPORTING_SECTION = Type.Object(
  {
    lingerMs: Type.Integer({
      default: 200,
      minimum: 0,
      maximum: 60_000,
      description: 'How long rows wait for others to be written with in one statement',
    }),
    batchRows: Type.Integer({
      default: 2000,
      minimum: 1,
      maximum: 50_000,
      description: 'Most rows of one statement',
    }),
    bufferRows: Type.Integer({
      default: 20_000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Rows held at once; beyond it the topics are read no further',
    }),
    rollUpEveryMs: Type.Integer({
      default: 5000,
      minimum: 100,
      maximum: 3_600_000,
      description: 'Time between two runs of the roll-ups where TimescaleDB does not make them',
    }),
    riskDays: days('riskDays', 7, 'Risk figures are kept so long as they were published, days'),
    minuteDays: days('minuteDays', 7, 'Their roll-ups by the minute, days'),
    hourDays: days('hourDays', 7, 'Roll-ups by the hour, days; those by the day stay'),
    barDays: days('barDays', 7, 'Bars, days'),
    ledgerDays: days('ledgerDays', 7, 'Positions, accounts and execution reports, days'),
  },
  { description: 'History of risk figures, bars, positions, accounts and execution reports.' },
);

export type ReportingConfig = Static<typeof REPORTING_SECTION>;

/** What is kept, refused where a coarser roll-up would be gone before a finer one. */
export function retentionOf(config: ReportingConfig): HistoryRetention {
  const { riskDays, minuteDays, hourDays, barDays, ledgerDays } = config;
  if (riskDays > minuteDays || minuteDays > hourDays) {
    throw new CerberusError(
      faultOf(REPORTING_ERRORS.RETENTION_INVALID, {
        message: `reporting.riskDays (${riskDays}) is to be at most reporting.minuteDays (${minuteDays}), and that at most reporting.hourDays (${hourDays})`,
        path: 'reporting',
      }),
    );
  }
  return { riskDays, minuteDays, hourDays, barDays, ledgerDays };
}
