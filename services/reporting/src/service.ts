import { type Bus, DeadLetterWriter } from '@cerberus/bus';
import { defineService, readinessOf } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import { historySeries, SeriesStore, type Store } from '@cerberus/store';
import { REPORTING_SECTION, retentionOf } from './config.ts';
import { HistoryReader } from './history-reader.ts';

export interface ReportingPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly store: Store;
}

/** risk.metrics, md.bar, position, account, tca.report → the history of each. */
export const reporting = defineService<typeof REPORTING_SECTION, ReportingPorts>({
  name: 'reporting',
  config: REPORTING_SECTION,
  create: async (context) => {
    const { bus, codecs, store, config, clock, log, metrics } = context;
    const { lingerMs, batchRows, bufferRows, rollUpEveryMs: upkeepEveryMs } = config;
    const series = await SeriesStore.open({
      ...{ store, clock, log, metrics, namespace: 'reporting' },
      series: Object.values(historySeries(retentionOf(config))),
      settings: { lingerMs, batchRows, bufferRows, upkeepEveryMs },
    });
    const deadLetters = new DeadLetterWriter({ bus, host: context, service: context.name });
    const reader = new HistoryReader({ bus, codecs, host: context, series, deadLetters });
    await reader.start();
    return {
      ready: () =>
        readinessOf({ topics: reader.ready(), series: series.ready(), store: store.ready() }),
      stop: async () => {
        // Together: batches in hand end when their rows are written or given back.
        await Promise.all([reader.stop(), series.close()]);
        await deadLetters.close();
      },
    };
  },
});
