import { busPort, codecsPort } from '@cerberus/bus';
import { runService } from '@cerberus/runtime';
import { storePort } from '@cerberus/store';
import { gateway } from './service.ts';

await runService(gateway, { bus: busPort, codecs: codecsPort, store: storePort });
