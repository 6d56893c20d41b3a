import { busPort, codecsPort } from '@cerberus/bus';
import { runService } from '@cerberus/runtime';
import { portfolio } from './service.ts';

await runService(portfolio, { bus: busPort, codecs: codecsPort });
