export type { Fault, FaultPlan } from './control/faults.ts';
export type { LedgerRecord, NumberedRecord, VenueLedger } from './exchange/ledger.ts';
export { DEFAULT_SYMBOLS, type SimMarket, type SymbolSpec } from './market/symbol-spec.ts';
export {
  type ReplayConfig,
  type SimAccountConfig,
  startVenueSim,
  type VenueSim,
  type VenueSimOptions,
} from './venue-sim.ts';
