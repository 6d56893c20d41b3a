import { busPort, codecsPort } from '@cerberus/bus';
import { runService } from '@cerberus/runtime';
import { preTrade } from './service.ts';

await runService(preTrade, { bus: busPort, codecs: codecsPort });
