import { readFileSync } from 'node:fs';
import { type Static, Type } from '@cerberus/runtime';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { KafkaLogin, KafkaSecurity } from './security.ts';

const FILE = { minLength: 1, maxLength: 4096 } as const;

/** `bus.kafka.tls` and `bus.kafka.sasl`. */
export const SECURITY_SETTINGS = {
  tls: Type.Object({
    enabled: Type.Boolean({ default: false, description: 'Connect to the brokers by TLS' }),
    caFile: Type.Optional(
      Type.String({
        ...FILE,
        description:
          'Certificates, in PEM, of the authorities that vouch for the brokers; without it those that come with Node.js',
      }),
    ),
    certificateFile: Type.Optional(
      Type.String({
        ...FILE,
        description: 'Certificate of this process, in PEM, where brokers ask',
      }),
    ),
    keyFile: Type.Optional(
      Type.String({ ...FILE, description: 'Private key of the certificate, in PEM' }),
    ),
  }),
  sasl: Type.Optional(
    Type.Object({
      mechanism: Type.Enum(['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'], {
        default: 'SCRAM-SHA-512',
        description: 'How the password is proved; PLAIN sends it and needs TLS',
      }),
      username: Type.String({
        minLength: 1,
        maxLength: 255,
        description: 'Name of this process at the brokers, e.g. cerberus-execution',
      }),
      password: Type.Optional(
        Type.String({ minLength: 1, secret: true, description: 'Its password' }),
      ),
      passwordFile: Type.Optional(
        Type.String({
          ...FILE,
          description:
            'File with the password instead, read again for each connection, so that a new one needs no restart',
        }),
      ),
    }),
  ),
} as const;

const SECURITY = Type.Object(SECURITY_SETTINGS);
export type SecuritySettings = Static<typeof SECURITY> & { readonly brokers: readonly string[] };

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}):\d+$/;

/** Reads the files that the settings name; settings that contradict each other are refused, not guessed at. */
export function readSecurity({ tls, sasl, brokers }: SecuritySettings): KafkaSecurity {
  const { enabled, caFile, certificateFile, keyFile } = tls;
  const given = Object.entries({ caFile, certificateFile, keyFile }).find(
    ([, file]) => file !== undefined,
  );
  if (!enabled && given !== undefined) {
    throw refused('bus.kafka.tls.enabled', `${given[0]} is given, but TLS is not enabled`);
  }
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    throw refused('bus.kafka.tls.keyFile', 'a certificate and its key are given together');
  }
  const remote = brokers.find((broker) => !LOOPBACK.test(broker));
  if (sasl?.mechanism === 'PLAIN' && !enabled && remote !== undefined) {
    throw refused(
      'bus.kafka.sasl.mechanism',
      `PLAIN would send the password to ${remote} in clear`,
    );
  }
  return {
    ...(enabled && {
      tls: {
        ...(caFile !== undefined && { ca: textOf(caFile, 'bus.kafka.tls.caFile') }),
        ...(certificateFile !== undefined && {
          cert: textOf(certificateFile, 'bus.kafka.tls.certificateFile'),
        }),
        ...(keyFile !== undefined && { key: textOf(keyFile, 'bus.kafka.tls.keyFile') }),
      },
    }),
    ...(sasl !== undefined && { login: loginOf(sasl) }),
  };
}

function loginOf(sasl: NonNullable<SecuritySettings['sasl']>): KafkaLogin {
  const { mechanism, username, password, passwordFile } = sasl;
  if ((password === undefined) === (passwordFile === undefined)) {
    throw refused('bus.kafka.sasl.password', 'either password or passwordFile is given, not both');
  }
  if (passwordFile === undefined) return { mechanism, username, password: () => password! };
  const read = () => {
    const text = textOf(passwordFile, 'bus.kafka.sasl.passwordFile').replace(/\r?\n$/, '');
    if (text === '') throw refused('bus.kafka.sasl.passwordFile', `${passwordFile} is empty`);
    return text;
  };
  // A file that is not there is a mistake of now, not of the first connection.
  read();
  return { mechanism, username, password: read };
}

function textOf(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refused(path, `${file} cannot be read (${code})`);
  }
}

function refused(path: string, message: string) {
  return busError(BUS_ERRORS.SECURITY_INVALID, { path, message: `${path}: ${message}` });
}
