import { busPort, codecsPort } from '@cerberus/bus';
import { runService } from '@cerberus/runtime';
import { features } from './service.ts';

await runService(features, { bus: busPort, codecs: codecsPort });
