import { type AclBinding, bindingsOf } from '../../libs/bus/src/kafka/rights.ts';
import type { AccessRow, Proto } from './proto.ts';

const HEADER = '// Generated from proto/ by `npm run generate`. Do not edit.\n';

function accessOf(row: AccessRow) {
  return {
    service: row.service,
    user: row.user,
    reads: row.reads,
    writes: row.writes,
    groups: row.groups,
    transactionalIds: row.transactional_ids,
    deadLetters: row.dead_letters,
  };
}

export function renderAccess({ access }: Proto): string {
  const rows = access.map((row) => `  ${JSON.stringify(accessOf(row))},`);
  return `${HEADER}import type { ServiceAccess } from '../access.ts';

export const ACCESS: readonly ServiceAccess[] = [
${rows.join('\n')}
];
`;
}

/** Who reads and who writes each topic, for docs/topics.md. */
export function renderAccessDocs({ access, topics }: Proto): string {
  const list = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ') || '–';
  const services = access.filter(({ service }) => service !== 'operator');
  const by = (topic: string, right: 'reads' | 'writes') =>
    services.filter((row) => row[right].includes(topic)).map(({ service }) => service);
  const topicRows = topics.map(
    ({ name }) =>
      `| \`${name}\` | ${by(name, 'writes').join(', ')} | ${by(name, 'reads').join(', ')} |`,
  );
  const principalRows = access.map((row) => {
    const ids = row.transactional_ids === null ? '–' : `\`${row.transactional_ids}…\``;
    const letters = [
      ...(row.dead_letters.includes('write') ? ['writes those of what it reads'] : []),
      ...(row.dead_letters.includes('read') ? ['reads all'] : []),
    ];
    return `| \`${row.user}\` | ${list(row.groups)} | ${ids} | ${letters.join('; ') || '–'} |`;
  });
  return `## Rights

Generated from \`proto/access.json\`: what each service is granted by \`cerberus topics --acls\` where the brokers have an authoriser (docs/operations.md). Everything else is denied. Beside it each may see names and settings of topics, which it checks when it starts. \`cerberus-operator\` is for \`cerberus dlq\`: it reads every topic and writes every ledger.

| topic | written by | read by |
|---|---|---|
${topicRows.join('\n')}

| user | groups | transactional ids | dead letters |
|---|---|---|---|
${principalRows.join('\n')}
`;
}

export function renderAclScript({ access, topics }: Proto): string {
  const names = topics.map(({ name }) => name);
  const lines = access.flatMap((row) => bindingsOf(accessOf(row), names).map(line));
  return `#!/usr/bin/env bash
# Generated from proto/access.json by \`npm run generate\`. Do not edit.
# Grants each service its rights and nothing more, on brokers that deny by default:
#   BOOTSTRAP=host:port ADMIN_CONFIG=admin.properties ./create-acls.sh
# It takes nothing away; \`cerberus topics --acls\` does the same and removes what is no longer granted.
set -euo pipefail
: "\${BOOTSTRAP:=127.0.0.1:9092}" "\${ADMIN_CONFIG:?properties of an admin user}" "\${KAFKA_ACLS:=kafka-acls.sh}"

grant() {
  local user=$1 pattern=$2
  shift 2
  "$KAFKA_ACLS" --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN_CONFIG" --add \\
    --allow-principal "User:$user" --resource-pattern-type "$pattern" "$@"
}

${lines.join('\n')}
`;
}

function line({ user, pattern, resource, name, operations }: AclBinding): string {
  const rights = operations.map((operation) => `--operation ${operation}`).join(' ');
  return `grant ${user} ${pattern} --${resource} '${name}' ${rights}`;
}
