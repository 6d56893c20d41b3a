import { busPort, codecsPort } from '@cerberus/bus';
import { runService } from '@cerberus/runtime';
import { alerting } from './service.ts';

await runService(alerting, { bus: busPort, codecs: codecsPort });
