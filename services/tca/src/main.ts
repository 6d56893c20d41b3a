import { busPort, codecsPort } from '@cerberus/bus';
import { runService } from '@cerberus/runtime';
import { tca } from './service.ts';

await runService(tca, { bus: busPort, codecs: codecsPort });
