import { runService } from '@cerberus/runtime';
import { registry } from './service.ts';

await runService(registry, {});
