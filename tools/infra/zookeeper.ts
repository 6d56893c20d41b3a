import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './health.ts';
import type { Part } from './part.ts';
import { ensurePackage } from './requirements.ts';
import type { Settings } from './settings.ts';

const SERVER = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';

export function zookeeperPart({ folder: base, ports }: Settings): Part {
  const folder = join(base, 'zookeeper');
  const port = ports.zookeeper;
  return {
    name: 'zookeeper',
    port,
    startMs: 60_000,
    prepare() {
      ensurePackage('zookeeper', () => existsSync('/usr/share/zookeeper/bin/zkServer.sh'));
      const file = join(folder, 'zoo.cfg');
      mkdirSync(join(folder, 'data'), { recursive: true });
      const lines = [
        // Sessions end at whole ticks: how much later than its lease a leader that died is missed.
        'tickTime=200',
        'minSessionTimeout=1000',
        'maxSessionTimeout=10000',
        `dataDir=${join(folder, 'data')}`,
        `clientPort=${port}`,
        'clientPortAddress=127.0.0.1',
        'admin.enableServer=false',
        '4lw.commands.whitelist=ruok,srvr,mntr',
        'maxClientCnxns=200',
        'autopurge.purgeInterval=1',
      ];
      writeFileSync(file, `${lines.join('\n')}\n`);
      const classPath = '/etc/zookeeper/conf:/usr/share/java/zookeeper.jar';
      const memory = ['-Xms32m', '-Xmx128m', '-XX:+UseSerialGC'];
      const log = '-Dzookeeper.root.logger=WARN,CONSOLE';
      return { program: 'java', args: [...memory, log, '-cp', classPath, SERVER, file] };
    },
    healthy: async () => (await ask(port, 'ruok'))?.toString() === 'imok',
  };
}
