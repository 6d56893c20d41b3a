import type { Bus } from '@cerberus/bus';
import type { Election } from '@cerberus/coordination';
import type { ServiceContext } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import type { Store } from '@cerberus/store';
import type { ExecutionConfig } from './config.ts';

export interface ExecutionPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly store: Store;
  readonly election: Election;
}

export type ExecutionContext = ServiceContext<ExecutionConfig, ExecutionPorts>;
