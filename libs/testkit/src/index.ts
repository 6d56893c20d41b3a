export { busContract } from './bus/bus-contract.ts';
export type { BusHarness, BusHarnessFactory } from './bus/bus-harness.ts';
export { type CacheHarness, cacheContract } from './cache/cache-contract.ts';
export { VirtualClock } from './clock.ts';
export { type ElectionHarness, electionContract } from './coordination/election-contract.ts';
export { eventually } from './eventually.ts';
export { type FleetInstance, type FleetOptions, ServiceFleet, type Told } from './service-fleet.ts';
export { ServiceRig } from './service-rig.ts';
export { type StoreHarness, storeContract } from './store/store-contract.ts';
