export { VENUE_SIM_SECTION, type VenueSimConfig } from './config.ts';
export type { Fault, FaultPlan } from './control/faults.ts';
export type { LedgerRecord, NumberedRecord, VenueLedger } from './exchange/ledger.ts';
export {
  DEFAULT_SYMBOLS,
  listedSymbol,
  type SimMarket,
  type SymbolSpec,
} from './market/symbol-spec.ts';
export { venueSim } from './service.ts';
export {
  type MirrorConfig,
  type ReplayConfig,
  type SimAccountConfig,
  startVenueSim,
  type VenueSim,
  type VenueSimOptions,
} from './venue-sim.ts';
