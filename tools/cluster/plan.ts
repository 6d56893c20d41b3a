import { join } from 'node:path';
import { secretsIn, serviceLogin } from '../infra/kafka-security.ts';
import { SERVICES, type ServiceName, type Settings } from './settings.ts';

/** One process of the cluster. */
export interface Instance {
  /** Also the name of its log and pid file, e.g. `risk-engine-2`. */
  readonly name: string;
  readonly service: ServiceName;
  readonly healthPort: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** What the supervisor keeps running; the file is read again on SIGHUP. */
export interface Plan {
  readonly root: string;
  readonly folder: string;
  readonly configFile: string;
  readonly instances: readonly Instance[];
}

/** Health ports of one service lie side by side and do not move when another is scaled. */
const PORTS_PER_SERVICE = 10;

export function planOf(settings: Settings, root: string): Plan {
  const names = Object.keys(SERVICES) as ServiceName[];
  const instances = names.flatMap((service, row) =>
    Array.from({ length: settings.counts[service] }, (_, index) =>
      instanceOf(settings, { root, service, index, row }),
    ),
  );
  return { root, folder: settings.folder, configFile: configFileOf(settings.folder), instances };
}

export function configFileOf(folder: string): string {
  return join(folder, 'cluster.yaml');
}

export function planFileOf(folder: string): string {
  return join(folder, 'plan.json');
}

/** The program of a service: its code and that of its packages in one file. */
export function programOf(root: string, service: ServiceName): string {
  return join(root, 'services', service, 'dist', 'main.mjs');
}

/** Where one process keeps what is its own. */
export function dataFolderOf(
  folder: string,
  { service, name }: Pick<Instance, 'service' | 'name'>,
) {
  return join(folder, 'data', 'services', service, name);
}

export function filesOf(folder: string, name: string) {
  return {
    pidFile: join(folder, 'run', `${name}.pid`),
    logFile: join(folder, 'log', `${name}.log`),
  };
}

function instanceOf(
  { folder, port, healthPort, kafkaSecurity }: Settings,
  place: {
    readonly root: string;
    readonly service: ServiceName;
    readonly index: number;
    readonly row: number;
  },
): Instance {
  const { root, service, index, row } = place;
  const name = `${service}-${index + 1}`;
  const health = healthPort + row * PORTS_PER_SERVICE + index;
  return {
    ...{ name, service, healthPort: health },
    environment: {
      CERBERUS_HOST_INSTANCE: name,
      CERBERUS_HOST_PORT: String(health),
      CERBERUS_HOST_DATA_DIR: join(folder, 'data'),
      // Types are stripped once, not at every start, and not for every cluster.
      NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'cerberus'),
      ...(kafkaSecurity === undefined ? {} : serviceLogin(secretsIn(kafkaSecurity), service)),
      ...(service === 'gateway' ? { CERBERUS_GATEWAY_PORT: String(port + index) } : {}),
    },
  };
}
