import { busPort, codecsPort } from '@cerberus/bus';
import { cachePort } from '@cerberus/cache';
import { runService } from '@cerberus/runtime';
import { marketData } from './service.ts';

await runService(marketData, { bus: busPort, codecs: codecsPort, cache: cachePort });
