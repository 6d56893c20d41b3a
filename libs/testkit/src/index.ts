export { VirtualClock } from './clock.ts';
