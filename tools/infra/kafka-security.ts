import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BROKER_NAME = 'cerberus-broker';
const ADMINISTRATOR = 'cerberus-admin';
const ACCESS_FILE = join(
  dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  'proto',
  'access.json',
);
const VALID_DAYS = '825';
const PASSWORD_BYTES = 24;
const SECRET = { mode: 0o600 } as const;
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Certificates and passwords of a broker on this machine, each in a file for its owner alone. */
export interface KafkaSecrets {
  readonly folder: string;
  readonly caFile: string;
  /** Key and certificate of the brokers, in one file as Kafka wants them. */
  readonly brokerFile: string;
  passwordFile(user: string): string;
}

/** Where they are for the brokers of the folder, and whether they are there: whether those are secured. */
export function secretsOf(infraFolder: string): KafkaSecrets & { readonly exist: boolean } {
  return secretsIn(join(infraFolder, 'kafka-security'));
}

export function secretsIn(folder: string): KafkaSecrets & { readonly exist: boolean } {
  return {
    folder,
    caFile: join(folder, 'ca.pem'),
    brokerFile: join(folder, 'broker.pem'),
    passwordFile: (user) => join(folder, 'passwords', user),
    exist: existsSync(folder),
  };
}

/** Made once: passwords stay those that the brokers were formatted with. */
export function ensureSecrets(infraFolder: string): KafkaSecrets {
  const secrets = secretsOf(infraFolder);
  if (existsSync(secrets.brokerFile)) return secrets;
  rmSync(secrets.folder, { recursive: true, force: true });
  mkdirSync(join(secrets.folder, 'passwords'), { recursive: true, mode: 0o700 });
  for (const user of users()) {
    const password = randomBytes(PASSWORD_BYTES).toString('base64url');
    writeFileSync(secrets.passwordFile(user), `${password}\n`, SECRET);
  }
  makeCertificates(secrets);
  return secrets;
}

/**
 * Arguments of Kafka's format that make the users, in a file: a command line is read by everybody on
 * the machine. Whoever asked for it removes it.
 */
export function writeUsers(secrets: KafkaSecrets): string {
  const file = join(secrets.folder, 'users.args');
  const lines = users().flatMap((user) => {
    const password = readFileSync(secrets.passwordFile(user), 'utf8').trim();
    return ['--add-scram', `SCRAM-SHA-512=[name=${user},password=${password}]`];
  });
  writeFileSync(file, `${lines.join('\n')}\n`, SECRET);
  return file;
}

/** What a process of the platform reads to log in: names of files, no secrets. Nothing for one without rights. */
export function serviceLogin(secrets: KafkaSecrets, service: string): Record<string, string> {
  const row = accessRows().find((access) => access.service === service);
  return row === undefined ? {} : login(secrets, row.user);
}

export function administratorLogin(secrets: KafkaSecrets): Record<string, string> {
  return login(secrets, ADMINISTRATOR);
}

function login(secrets: KafkaSecrets, user: string): Record<string, string> {
  return {
    CERBERUS_BUS_KAFKA_TLS_ENABLED: 'true',
    CERBERUS_BUS_KAFKA_TLS_CA_FILE: secrets.caFile,
    CERBERUS_BUS_KAFKA_SASL_USERNAME: user,
    CERBERUS_BUS_KAFKA_SASL_PASSWORD_FILE: secrets.passwordFile(user),
  };
}

/**
 * Clients log in with a password over TLS. Brokers and controllers know each other by certificate: a
 * controller must be spoken to before there is a table of passwords to check one against, and a
 * loopback port without a name would make everybody on the machine an administrator.
 */
export function securityProperties(secrets: KafkaSecrets): string[] {
  const pem = (prefix: string) => [
    `${prefix}ssl.keystore.type=PEM`,
    `${prefix}ssl.keystore.location=${secrets.brokerFile}`,
    `${prefix}ssl.truststore.type=PEM`,
    `${prefix}ssl.truststore.location=${secrets.caFile}`,
  ];
  return [
    ...pem(''),
    'listener.name.internal.ssl.client.auth=required',
    'listener.name.controller.ssl.client.auth=required',
    'listener.name.clients.sasl.enabled.mechanisms=SCRAM-SHA-512',
    'listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found=false',
    `super.users=User:CN=${BROKER_NAME};User:${ADMINISTRATOR}`,
  ];
}

function users(): string[] {
  return [ADMINISTRATOR, ...accessRows().map(({ user }) => user)];
}

function accessRows(): { readonly service: string; readonly user: string }[] {
  return JSON.parse(readFileSync(ACCESS_FILE, 'utf8'));
}

/** The key of the authority is not kept: nothing else can ever be signed with it. */
function makeCertificates({ folder, caFile, brokerFile }: KafkaSecrets): void {
  const caKey = join(folder, 'ca.key');
  const key = join(folder, 'broker.key');
  const certificate = join(folder, 'broker.crt');
  const common = ['req', '-x509', '-days', VALID_DAYS, ...EC_KEY];
  openssl([
    ...[...common, '-keyout', caKey, '-out', caFile, '-subj', '/CN=Cerberus infrastructure'],
    ...['-addext', 'basicConstraints=critical,CA:TRUE'],
    ...['-addext', 'keyUsage=critical,keyCertSign'],
  ]);
  openssl([
    ...[...common, '-CA', caFile, '-CAkey', caKey, '-keyout', key, '-out', certificate],
    ...['-subj', `/CN=${BROKER_NAME}`],
    ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-addext', 'extendedKeyUsage=serverAuth,clientAuth'],
  ]);
  rmSync(caKey);
  writeFileSync(
    brokerFile,
    `${readFileSync(key, 'utf8')}${readFileSync(certificate, 'utf8')}`,
    SECRET,
  );
  rmSync(key);
  rmSync(certificate);
}

function openssl(args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(
      `openssl ${args[0]} failed (3.0 or later is needed): ${error?.message ?? stderr}`,
    );
  }
}
