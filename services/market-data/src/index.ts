export {
  MarketRecorder,
  type RecorderCounts,
  type RecorderOptions,
} from './record/market-recorder.ts';
export type { Tape } from './replay/capture-feed.ts';
export { type CapturedInstrument, capturedInstruments } from './replay/capture-instrument.ts';
export type {
  CaptureBookReport,
  CaptureFileReport,
  CaptureReport,
} from './replay/capture-report.ts';
export { type CaptureSurvey, surveyCapture } from './replay/capture-survey.ts';
export { type MarketDataPorts, marketData } from './service.ts';
export { type ListingQuery, listInstruments, type VenueListing } from './venue-listing.ts';
