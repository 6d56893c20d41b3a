import { type Bus, PartitionOwner, StreamReader, tailOffsets } from '@cerberus/bus';
import { defineService } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import { type Static, Type } from 'typebox';
import { FeaturePublisher } from './feature-publisher.ts';

export interface FeaturesPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
}

const FEATURES_SECTION = Type.Object(
  {
    sampleSeconds: Type.Number({
      default: 1,
      exclusiveMinimum: 0,
      maximum: 3600,
      description: 'Returns are taken over at least this long, so that bid-ask bounce stays out',
    }),
    ewmaHalfLifeSeconds: Type.Number({
      default: 600,
      exclusiveMinimum: 0,
      description: 'Half-life of the exponentially weighted volatility',
    }),
    ewmaWarmup: Type.Integer({
      default: 60,
      minimum: 1,
      description: 'Returns before the exponentially weighted volatility is given',
    }),
    realisedWindow: Type.Integer({
      default: 300,
      minimum: 2,
      maximum: 100_000,
      description: 'Returns in the realised volatility',
    }),
    publishEveryMs: Type.Integer({
      default: 100,
      minimum: 0,
      maximum: 60_000,
      description: 'Shortest time between two publications of one instrument',
    }),
  },
  { description: 'Streaming features of every quoted instrument.' },
);

export type FeaturesConfig = Static<typeof FEATURES_SECTION>;

/** The instances of this service share the instruments among them. */
const OWNERS_GROUP = 'features-owners';
/** Quotes of every partition read at start, so that volatilities are warm before they are published. */
const QUOTE_TAIL_RECORDS = 20_000n;

/** A part of the shortest time between two publications. */
const QUOTES_WAIT_MS = 50;

/** md.quote → feature.value. Every quote is counted in; only publication is thinned. */
export const features = defineService<typeof FEATURES_SECTION, FeaturesPorts>({
  name: 'features',
  config: FEATURES_SECTION,
  create: async (context) => {
    const { bus, codecs, config } = context;
    // Of the topics spread by instrument that with the fewest records.
    const owner = new PartitionOwner({
      ...{ bus, host: context, groupId: OWNERS_GROUP, topic: 'md.status' },
    });
    const publisher = new FeaturePublisher({
      ...{ config, codecs, owner, clock: context.clock, producer: bus.streamProducer() },
      metrics: context.metrics,
    });
    context.metrics.gaugeOf(
      'feature_instruments_owned',
      'Instruments this instance publishes',
      () => {
        return publisher.owned;
      },
    );
    owner.onChange(({ gained }) => publisher.takeOver(gained));
    const { offsets } = await tailOffsets(bus, ['md.quote'], QUOTE_TAIL_RECORDS);
    const reader = new StreamReader({
      ...{ name: 'features', bus, codecs, host: context, topics: ['md.quote'], from: offsets },
      patienceMs: QUOTES_WAIT_MS,
      handle: ({ message }) => publisher.onQuote(message),
    });
    await reader.start();
    // Warm first: whoever joins takes instruments from those who are.
    await reader.caughtUp();
    await owner.start();
    return {
      ready: () => owner.ready(),
      stop: async () => {
        await owner.stop();
        await reader.stop();
        await publisher.close();
      },
    };
  },
});
