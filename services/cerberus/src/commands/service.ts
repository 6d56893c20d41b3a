import { CerberusError, faultOf } from '@cerberus/core';
import type { Command } from 'commander';
import { CLI_ERRORS } from './errors.ts';

/** Every service that runs as a process of its own, by name. */
const SERVICES: Readonly<Record<string, () => Promise<unknown>>> = {
  registry: () => import('@cerberus/service-registry/main'),
  'venue-sim': () => import('@cerberus/service-venue-sim/main'),
  'market-data': () => import('@cerberus/service-market-data/main'),
  features: () => import('@cerberus/service-features/main'),
  portfolio: () => import('@cerberus/service-portfolio/main'),
  'pre-trade': () => import('@cerberus/service-pre-trade/main'),
  'risk-engine': () => import('@cerberus/service-risk-engine/main'),
  execution: () => import('@cerberus/service-execution/main'),
  tca: () => import('@cerberus/service-tca/main'),
  reporting: () => import('@cerberus/service-reporting/main'),
  alerting: () => import('@cerberus/service-alerting/main'),
  gateway: () => import('@cerberus/service-gateway/main'),
};

export function addServiceCommand(program: Command): void {
  program
    .enablePositionalOptions()
    .command('service')
    .description('run one service as a process of its own')
    .argument('<name>', Object.keys(SERVICES).join(', '))
    .argument('[options...]', 'of the service: --config FILE; --help lists its settings')
    .passThroughOptions()
    .helpOption(false)
    .addHelpText('after', '\nExample:\n  cerberus service pre-trade --config cluster.yaml\n')
    .action((name: string, options: readonly string[]) => runAlone(name, options));
}

async function runAlone(name: string, options: readonly string[]): Promise<void> {
  const service = Object.hasOwn(SERVICES, name) ? SERVICES[name] : undefined;
  if (service === undefined) {
    const expected = `one of ${Object.keys(SERVICES).join(', ')}`;
    throw new CerberusError(
      faultOf(CLI_ERRORS.OPTION_INVALID, { path: 'name', expected, received: name }),
    );
  }
  // Its main reads the arguments of the process, as when it is run by itself.
  process.argv.splice(2, Infinity, ...options);
  await service();
}
