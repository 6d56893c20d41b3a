import { runService } from '@cerberus/runtime';
import { venueSim } from './service.ts';

await runService(venueSim, {});
