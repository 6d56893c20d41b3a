export {
  erf,
  erfc,
  erfcx,
  millsRatio,
  normalCdf,
  normalLogCdf,
  normalPdf,
  normalQuantile,
  normalSf,
  upperTailGivenPdf,
} from './normal.ts';
