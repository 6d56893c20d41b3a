import { busPort, codecsPort } from '@cerberus/bus';
import { electionPort } from '@cerberus/coordination';
import { runService } from '@cerberus/runtime';
import { storePort } from '@cerberus/store';
import { execution } from './service.ts';

await runService(execution, {
  bus: busPort,
  codecs: codecsPort,
  store: storePort,
  election: electionPort,
});
