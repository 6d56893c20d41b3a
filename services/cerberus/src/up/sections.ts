import { BUS_SECTION, SCHEMA_REGISTRY_SECTION } from '@cerberus/bus';
import { CACHE_SECTION } from '@cerberus/cache';
import { COORDINATION_SECTION } from '@cerberus/coordination';
import { HOST_SECTION } from '@cerberus/runtime';
import { alerting } from '@cerberus/service-alerting';
import { execution } from '@cerberus/service-execution';
import { features } from '@cerberus/service-features';
import { gateway } from '@cerberus/service-gateway';
import { marketData } from '@cerberus/service-market-data';
import { portfolio } from '@cerberus/service-portfolio';
import { preTrade } from '@cerberus/service-pre-trade';
import { reporting } from '@cerberus/service-reporting';
import { riskEngine } from '@cerberus/service-risk-engine';
import { tca } from '@cerberus/service-tca';
import { STORE_SECTION } from '@cerberus/store';
import { Type } from 'typebox';

export const SIMULATOR_SECTION = Type.Object(
  {
    seed: Type.Integer({
      default: 1,
      minimum: 0,
      maximum: 4_294_967_295,
      description: 'The generated market is the same for the same seed and time',
    }),
    latencyMs: Type.Integer({
      default: 2,
      minimum: 0,
      maximum: 60_000,
      description: 'Time the simulated venue takes to answer an order',
    }),
    spotPort: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 65_535,
      description: 'Port of the simulated spot market; 0 takes any free one',
    }),
    futuresPort: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 65_535,
      description: 'Port of the simulated USD-M market; 0 takes any free one',
    }),
  },
  { description: 'The simulated venue of the all-in-one.' },
);

/** Every section of the all-in-one, in the order of the data flow; `docs/config.md` shows the same. */
export const SECTIONS = {
  host: HOST_SECTION,
  bus: BUS_SECTION,
  schemaRegistry: SCHEMA_REGISTRY_SECTION,
  store: STORE_SECTION,
  cache: CACHE_SECTION,
  coordination: COORDINATION_SECTION,
  simulator: SIMULATOR_SECTION,
  'market-data': marketData.config,
  features: features.config,
  portfolio: portfolio.config,
  'pre-trade': preTrade.config,
  'risk-engine': riskEngine.config,
  execution: execution.config,
  tca: tca.config,
  alerting: alerting.config,
  reporting: reporting.config,
  gateway: gateway.config,
};
