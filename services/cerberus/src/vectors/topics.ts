import { unitRootAndCointegration } from './adf-coint.ts';
import { almgrenChriss } from './almgren-chriss.ts';
import { american } from './american.ts';
import { bsmGreeks } from './bsm-greeks.ts';
import { garch } from './garch.ts';
import { heston } from './heston.ts';
import { impliedVol } from './implied-vol.ts';
import { kupiecChristoffersen } from './kupiec-christoffersen.ts';
import { localVol } from './local-vol.ts';
import { mcReference } from './mc-reference.ts';
import { mertonJump } from './merton-jump.ts';
import { normalDistribution } from './normal-distribution.ts';
import { ornsteinUhlenbeck } from './ou.ts';
import { performanceRatios } from './performance.ts';
import { sabr } from './sabr.ts';
import { svi } from './svi.ts';
import { tCopula } from './t-copula.ts';
import { transactionCost } from './tca.ts';
import type { VectorTopic } from './topic.ts';
import { varEs } from './var-es.ts';

const TOPICS: readonly VectorTopic[] = [
  almgrenChriss,
  american,
  bsmGreeks,
  garch,
  heston,
  impliedVol,
  kupiecChristoffersen,
  localVol,
  mcReference,
  mertonJump,
  normalDistribution,
  ornsteinUhlenbeck,
  performanceRatios,
  sabr,
  svi,
  tCopula,
  transactionCost,
  unitRootAndCointegration,
  varEs,
];

/** The kernel of a vector file, by the topic that it states, else by its name. */
export function topicOf(stated: unknown, fileName: string): VectorTopic | undefined {
  return (
    TOPICS.find(({ file }) => file === `${String(stated)}.json`) ??
    TOPICS.find(({ file }) => file === fileName)
  );
}
