export {
  type ContinuousSchedule,
  continuousSchedule,
  efficientFrontier,
  type FrontierPoint,
  immediateSchedule,
  liquidityAdjustedVar,
  optimalSchedule,
  PERIODS_MAX,
  type ProgrammeInputs,
  type Schedule,
  type ScheduleCost,
  type ScheduleInputs,
} from './almgren-chriss.ts';
export { ALGO_ERRORS } from './errors.ts';
export {
  expectedImpact,
  fitSquareRootImpact,
  IMPACT_SAMPLES_MIN,
  type ImpactFit,
  type ImpactModel,
  type ImpactSample,
} from './square-root-impact.ts';
