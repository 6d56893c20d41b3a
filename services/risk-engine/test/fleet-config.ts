import type { TopicName } from '@cerberus/schema';
import type { RiskEngineConfig } from '../src/config.ts';
import { SPOT } from './book.ts';

/** The topics of risk engines under test. */
export const FLEET_TOPICS: readonly TopicName[] = [
  ...(['position', 'account', 'ref.instrument', 'feature.value', 'md.quote', 'md.bar'] as const),
  ...(['risk.greeks', 'risk.metrics', 'risk.scenarios'] as const),
];

export const FLEET_CONFIG: RiskEngineConfig = {
  references: { BTC: SPOT },
  ...{ rate: 0, dollarCurrencies: ['USD', 'USDT'], greeksEveryMs: 0 },
  ...{ metricsEveryMs: 100, scenariosEveryMs: 200, historyDays: 200, historyDaysMin: 30 },
  ...{ historyFile: '', ewmaDecay: 0.94, staleAfterMs: 600_000 },
};
