import { busPort, codecsPort } from '@cerberus/bus';
import { cachePort } from '@cerberus/cache';
import { runService } from '@cerberus/runtime';
import { storePort } from '@cerberus/store';
import { gateway } from './service.ts';

await runService(gateway, { bus: busPort, codecs: codecsPort, cache: cachePort, store: storePort });
