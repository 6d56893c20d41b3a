import { busPort, codecsPort } from '@cerberus/bus';
import { runService } from '@cerberus/runtime';
import { storePort } from '@cerberus/store';
import { reporting } from './service.ts';

await runService(reporting, { bus: busPort, codecs: codecsPort, store: storePort });
