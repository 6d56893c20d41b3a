export { type TcaPorts, tca } from './service.ts';
