import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '@cerberus/runtime';
import { registry } from '@cerberus/service-registry';
import { venueSim } from '@cerberus/service-venue-sim';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SECTIONS } from '../../../services/cerberus/src/up/sections.ts';
import { readScale, SERVICES } from '../settings.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

interface Container {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly disable?: boolean };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly user?: string;
}

const file = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const compose = parse(file, { merge: true }) as {
  readonly services: Readonly<Record<string, Container>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const containers = Object.entries(compose.services);
const ours = containers.filter(([, { image }]) => image === 'cerberus');

describe('docker-compose.yml', () => {
  test('runs every service of a cluster by its own name', () => {
    const run = ours.flatMap(([name, { command }]) =>
      command?.[0] === 'service' ? [[name, command[1]]] : [],
    );
    expect(new Set(run.map(([, service]) => service))).toEqual(new Set(Object.keys(SERVICES)));
    for (const [name, service] of run) expect(name).toBe(service);
  });

  test('its settings are settings of the services', () => {
    const sections = { ...SECTIONS, registry: registry.config, 'venue-sim': venueSim.config };
    for (const [name, { environment }] of ours) {
      const given = Object.entries(environment ?? {}).map(([key, value]) => [
        key,
        asCompose(value),
      ]);
      const loaded = loadConfig({
        ...{ sections, environment: Object.fromEntries(given), foreignSections: 'ignore' },
      });
      expect({ name, problems: loaded.ok ? [] : loaded.error }).toEqual({ name, problems: [] });
    }
  });

  test('waits for what is there, and for health only where health is checked', () => {
    for (const [name, { depends_on = {} }] of containers) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const target = compose.services[other];
        expect({ name, other, there: target !== undefined }).toMatchObject({ there: true });
        if (condition !== 'service_healthy') continue;
        expect({ other, checked: target?.healthcheck?.disable !== true }).toMatchObject({
          checked: target?.healthcheck !== undefined,
        });
      }
    }
  });

  test('pins every image, opens ports on loopback only and names its volumes', () => {
    for (const [name, { image, ports = [], volumes = [] }] of containers) {
      expect({ name, image }).toEqual({ name, image: expect.stringMatching(/^cerberus$|:\d/) });
      for (const port of ports) expect(asCompose(port)).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
      for (const volume of volumes) {
        expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      }
    }
  });

  const hasDocker = spawnSync('docker', ['compose', 'version']).status === 0;
  (hasDocker ? test : test.skip)('docker compose accepts it (needs docker)', () => {
    const { status, stderr } = spawnSync('docker', ['compose', 'config', '-q'], { cwd: ROOT });
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
  });
});

/** What compose makes of `${NAME:-default}` where the name is not set. */
function asCompose(value: string): string {
  return value.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1');
}

describe('--scale', () => {
  test('counts what is named and leaves the others', () => {
    const counts = readScale('risk-engine=3,pre-trade=2');
    expect(counts).toMatchObject({ 'risk-engine': 3, 'pre-trade': 2, execution: 2, gateway: 1 });
    expect(readScale('')).toEqual(SERVICES);
  });

  test.each([
    ['risk=3', /none of registry/],
    ['registry=2', /registry takes 0 to 1/],
    ['pre-trade=', /pre-trade takes 0 to 9/],
    ['pre-trade=1.5', /0 to 9/],
    ['pre-trade=99', /0 to 9/],
  ])('refuses %s', (text, message) => {
    expect(() => readScale(text)).toThrow(message);
  });
});
