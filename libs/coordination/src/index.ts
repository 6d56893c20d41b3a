export { COORDINATION_SECTION, type CoordinationConfig, electionPort } from './election-port.ts';
export { EmbeddedElection, type EmbeddedElectionOptions } from './embedded/embedded-election.ts';
export { COORDINATION_ERRORS } from './errors.ts';
export type {
  CampaignOptions,
  Candidate,
  DepositionReason,
  Election,
  LeaderRecord,
  LeaseTimes,
  Term,
} from './port.ts';
export {
  ZooKeeperElection,
  type ZooKeeperElectionOptions,
} from './zookeeper/zookeeper-election.ts';
