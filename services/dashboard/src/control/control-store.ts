import { createStore } from '../connection/store.ts';
import type { KillSwitch, Leader } from '../contract.ts';

export interface ControlState {
  leader: Leader | null;
  leaderProblem: string | null;
  /** null until the gateway has said; then those engaged. */
  engaged: KillSwitch[] | null;
  killProblem: string | null;
}

export function createControlStore() {
  return createStore<ControlState>({
    leader: null,
    leaderProblem: null,
    engaged: null,
    killProblem: null,
  });
}
