import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUS_ERRORS, BUS_SECTION, readSecurity, type SecuritySettings } from '@cerberus/bus';
import { unwrap } from '@cerberus/core';
import { loadConfig } from '@cerberus/runtime';
import { afterAll, describe, expect, test } from '@jest/globals';

const folder = mkdtempSync(join(tmpdir(), 'cerberus-security-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};
const PLAIN = { brokers: ['127.0.0.1:9092'], tls: { enabled: false } };
const login = { mechanism: 'SCRAM-SHA-512', username: 'cerberus-tca' } as const;
const refused = (settings: SecuritySettings) => {
  try {
    return readSecurity(settings);
  } catch (error) {
    expect(error).toMatchObject({ code: BUS_ERRORS.SECURITY_INVALID.code });
    return (error as Error).message;
  }
};

describe('security settings of Kafka', () => {
  test('are none unless somebody asks for them', () => {
    expect(readSecurity(PLAIN)).toEqual({});
  });

  test('come from the environment, and passwords are not shown', () => {
    const { values, redacted } = unwrap(
      loadConfig({
        sections: { bus: BUS_SECTION },
        yaml: { file: 'none.yaml', text: '' },
        environment: {
          CERBERUS_BUS_KAFKA_TLS_ENABLED: 'true',
          CERBERUS_BUS_KAFKA_SASL_USERNAME: 'cerberus-tca',
          CERBERUS_BUS_KAFKA_SASL_PASSWORD: 'correct horse',
        },
      }),
    );
    const { tls, login: read } = readSecurity(values.bus.kafka);
    expect(tls).toEqual({});
    expect(read).toMatchObject(login);
    expect(read?.password()).toBe('correct horse');
    expect(JSON.stringify(redacted())).not.toContain('correct horse');
  });

  test('give the text of certificates, and passwords as their file holds them now', () => {
    const passwordFile = fileOf('password', 'first\n');
    const { tls, login: read } = readSecurity({
      brokers: ['kafka:9092'],
      tls: {
        ...{ enabled: true, caFile: fileOf('ca.pem', 'CA') },
        ...{ certificateFile: fileOf('own.pem', 'OWN'), keyFile: fileOf('own.key', 'KEY') },
      },
      sasl: { ...login, passwordFile },
    });
    expect(tls).toEqual({ ca: 'CA', cert: 'OWN', key: 'KEY' });
    expect(read?.password()).toBe('first');
    writeFileSync(passwordFile, 'second\n');
    expect(read?.password()).toBe('second');
  });

  test('send a password in clear to this machine only', () => {
    const sasl = { ...login, mechanism: 'PLAIN', password: 'p' } as const;
    const of = (host: string) => ({ ...PLAIN, brokers: [`${host}:9092`], sasl });
    expect(refused(of('kafka.example.org'))).toContain('kafka.example.org:9092 in clear');
    expect(refused(of('127.example.org'))).toContain('in clear');
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3']) {
      expect(readSecurity(of(host)).login?.mechanism).toBe('PLAIN');
    }
    const byTls = { ...of('kafka.example.org'), tls: { enabled: true } };
    expect(readSecurity(byTls).login?.mechanism).toBe('PLAIN');
  });

  test('that contradict each other are refused, without the password', () => {
    expect(refused({ ...PLAIN, tls: { enabled: false, caFile: 'ca.pem' } })).toContain(
      'TLS is not enabled',
    );
    expect(refused({ ...PLAIN, tls: { enabled: true, keyFile: 'key' } })).toContain('together');
    expect(refused({ ...PLAIN, sasl: login })).toContain('either password or passwordFile');
    const both = { ...login, password: 'hidden', passwordFile: fileOf('both', 'hidden') };
    expect(refused({ ...PLAIN, sasl: both })).not.toContain('hidden');
    const gone = { ...login, passwordFile: join(folder, 'gone') };
    expect(refused({ ...PLAIN, sasl: gone })).toContain('ENOENT');
    const empty = { ...login, passwordFile: fileOf('empty', '\n') };
    expect(refused({ ...PLAIN, sasl: empty })).toContain('is empty');
  });
});
