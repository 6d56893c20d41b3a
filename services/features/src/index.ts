export { type FeaturesPorts, features } from './service.ts';
