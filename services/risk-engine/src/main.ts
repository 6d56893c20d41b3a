import { busPort, codecsPort } from '@cerberus/bus';
import { cachePort } from '@cerberus/cache';
import { runService } from '@cerberus/runtime';
import { riskEngine } from './service.ts';

await runService(riskEngine, { bus: busPort, codecs: codecsPort, cache: cachePort });
