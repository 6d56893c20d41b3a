// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax under test looks like a template.
import { describe, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { loadConfig } from '../../src/config/load.ts';

const SECTIONS = {
  gateway: Type.Object({
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 8080 }),
    apiKey: Type.Optional(Type.String({ minLength: 8, secret: true })),
    mode: Type.Union([Type.Literal('paper'), Type.Literal('live')], { default: 'paper' }),
    origins: Type.Array(Type.String(), { default: [] }),
    tls: Type.Optional(
      Type.Object({ cert: Type.String(), strict: Type.Boolean({ default: true }) }),
    ),
  }),
  'market-data': Type.Object({
    venues: Type.Array(Type.Object({ name: Type.String(), depth: Type.Integer({ minimum: 5 }) }), {
      default: [],
    }),
    staleAfterMs: Type.Number({ exclusiveMinimum: 0, default: 1500 }),
    weights: Type.Record(Type.String(), Type.Number(), { default: {} }),
  }),
};

function load(text: string, environment: Record<string, string> = {}, extra = {}) {
  return loadConfig({
    sections: SECTIONS,
    yaml: { file: 'cerberus.yaml', text },
    environment,
    ...extra,
  });
}

function values(text: string, environment: Record<string, string> = {}, extra = {}) {
  const loaded = load(text, environment, extra);
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value;
}

function message(text: string, environment: Record<string, string> = {}, extra = {}): string {
  const loaded = load(text, environment, extra);
  if (loaded.ok) throw new Error('expected the configuration to be refused');
  return loaded.error.message;
}

describe('layers', () => {
  test('defaults fill what nobody sets', () => {
    const config = values('');
    expect(config.values.gateway).toEqual({ port: 8080, mode: 'paper', origins: [] });
    expect(config.sourceOf('gateway.port')).toBe('the default');
  });

  test('file over default, environment over file, command line over environment', () => {
    const file = 'gateway:\n  port: 1\n  mode: live\n';
    expect(values(file).values.gateway.port).toBe(1);
    const environment = { CERBERUS_GATEWAY_PORT: '2' };
    const fromEnvironment = values(file, environment);
    expect(fromEnvironment.values.gateway).toMatchObject({ port: 2, mode: 'live' });
    expect(fromEnvironment.sourceOf('gateway.mode')).toBe('cerberus.yaml:3:9');
    expect(fromEnvironment.sourceOf('gateway.port')).toBe(
      'environment variable CERBERUS_GATEWAY_PORT',
    );
    const overrides = { 'gateway.port': { value: '3', option: '--port' } };
    expect(values(file, environment, { overrides }).values.gateway.port).toBe(3);
  });

  test('the name in the environment follows the path', () => {
    const environment = {
      CERBERUS_MARKET_DATA_STALE_AFTER_MS: '2.5e3',
      CERBERUS_GATEWAY_ORIGINS: 'https://a.example, https://b.example',
      CERBERUS_GATEWAY_TLS_CERT: '/x.pem',
      CERBERUS_MARKET_DATA_WEIGHTS: '{"spot": 0.5}',
    };
    const config = values('', environment);
    expect(config.values['market-data']).toMatchObject({
      staleAfterMs: 2500,
      weights: { spot: 0.5 },
    });
    expect(config.values.gateway.origins).toEqual(['https://a.example', 'https://b.example']);
  });

  test('an empty variable counts as not set', () => {
    expect(values('', { CERBERUS_GATEWAY_PORT: '' }).values.gateway.port).toBe(8080);
  });

  test('an optional mapping is absent until a part of it is set', () => {
    expect(values('').values.gateway.tls).toBeUndefined();
    expect(values('gateway:\n  tls: {cert: a, strict: false}').values.gateway.tls).toEqual({
      cert: 'a',
      strict: false,
    });
  });

  test('defaults reach into optional mappings and items of lists', () => {
    const environment = { CERBERUS_GATEWAY_TLS_CERT: '/x.pem' };
    expect(values('', environment).values.gateway.tls).toEqual({ cert: '/x.pem', strict: true });
  });

  test('the result cannot be changed', () => {
    expect(Object.isFrozen(values('').values.gateway.origins)).toBe(true);
  });
});

describe('${VAR:default} in the file', () => {
  test('is replaced and read as the schema says', () => {
    const file =
      'gateway:\n  port: ${PORT:9000}\n  origins: ["${URL:https://x.example:1}/a", "$${kept}"]\n';
    const byDefault = values(file).values.gateway;
    expect(byDefault.port).toBe(9000);
    expect(byDefault.origins).toEqual(['https://x.example:1/a', '${kept}']);
    expect(values(file, { PORT: '7' }).values.gateway.port).toBe(7);
  });

  test('without a default the variable must be set', () => {
    expect(message('gateway:\n  apiKey: ${KEY}\n')).toContain(
      'environment variable KEY is not set',
    );
  });

  test('a wrong value is reported at its place in the file', () => {
    expect(message('gateway:\n  port: ${PORT:x}\n')).toBe(
      'configuration: gateway.port: expected an integer from 1 to 65535, got "x" (cerberus.yaml:2:9)',
    );
  });
});

describe('a wrong value names key, source and what was expected', () => {
  test('file', () => {
    expect(message('gateway:\n  port: 70000\n')).toBe(
      'configuration: gateway.port: expected an integer from 1 to 65535, got 70000 (cerberus.yaml:2:9)',
    );
  });

  test('environment', () => {
    expect(message('', { CERBERUS_GATEWAY_MODE: 'demo' })).toBe(
      'configuration: gateway.mode: expected one of "paper", "live", got "demo" (environment variable CERBERUS_GATEWAY_MODE)',
    );
  });

  test('inside a list', () => {
    const file = 'market-data:\n  venues:\n    - name: binance\n      depth: 1\n';
    expect(message(file)).toBe(
      'configuration: market-data.venues.0.depth: expected an integer, at least 5, got 1 (cerberus.yaml:4:14)',
    );
    expect(message('market-data:\n  venues:\n    - depth: 5\n')).toContain(
      'market-data.venues.0.name: missing, expected text (cerberus.yaml:3:7)',
    );
  });

  test('missing', () => {
    expect(message('gateway:\n  tls: {strict: true}\n')).toBe(
      'configuration: gateway.tls.cert: missing, expected text; set it in the file or by CERBERUS_GATEWAY_TLS_CERT (cerberus.yaml:2:8)',
    );
  });

  test('several are reported together', () => {
    const text = message('gateway:\n  port: 0\n  mode: x\n');
    expect(text).toContain('2 problems');
    expect(text).toContain('gateway.port');
    expect(text).toContain('gateway.mode');
  });

  test.each([
    ['gateway:\n  port: .nan\n', 'got NaN'],
    ['gateway:\n  port: 1e308\n', 'got 1e+308'],
    ['gateway: 5\n', 'gateway: expected a mapping with port, apiKey, mode, origins, tls, got 5'],
    ['gateway:\n  port:\n', 'gateway.port: expected an integer from 1 to 65535, got null'],
    ['- a\n', 'expected sections'],
  ])('%j', (text, part) => {
    expect(message(text)).toContain(part);
  });
});

describe('unknown names', () => {
  test('are refused with the nearest known one', () => {
    expect(message('gateway:\n  prot: 1\n')).toBe(
      'configuration: gateway.prot: unknown key; did you mean gateway.port? (cerberus.yaml:2:3)',
    );
    expect(message('gatway:\n  port: 1\n')).toContain(
      'gatway: unknown section; did you mean gateway?',
    );
    expect(message('market-data:\n  venues: [{name: a, depth: 5, dept: 6}]\n')).toContain(
      'market-data.venues.0.dept: unknown key; did you mean market-data.venues.0.depth?',
    );
    expect(message('', { CERBERUS_GATEWAY_PROT: '1' })).toContain(
      'did you mean CERBERUS_GATEWAY_PORT?',
    );
    const overrides = { 'gateway.prt': { value: '1', option: '--port' } };
    expect(message('', {}, { overrides })).toContain('did you mean gateway.port?');
  });

  test('variables of other programs are none of ours', () => {
    expect(load('', { CERBERUS_SHARED_DIR: '/x', PATH: '/bin' }).ok).toBe(true);
  });

  test('a service run alone ignores sections of others but not misspelt ones of its own', () => {
    const extra = { foreignSections: 'ignore' };
    expect(load('execution:\n  a: 1\n', {}, extra).ok).toBe(true);
    expect(message('gatewya:\n  port: 1\n', {}, extra)).toContain('did you mean gateway?');
  });

  test('prototype names are ordinary unknown names', () => {
    expect(message('__proto__:\n  port: 1\n')).toContain('__proto__: unknown section');
    expect(message('gateway:\n  constructor: 1\n')).toContain('unknown key');
  });
});

describe('YAML that is not YAML', () => {
  test.each([
    ['gateway:\n  port: [1,\n', /cerberus\.yaml:\d+:\d+/],
    ['gateway:\n\tport: 1\n', /cerberus\.yaml:2:1/],
    ['gateway:\n  port: 1\n  port: 2\n', /unique.*cerberus\.yaml:3:3/s],
    ['a: b: c\n', /cerberus\.yaml:1:/],
  ])('%j is reported with line and column', (text, pattern) => {
    expect(message(text)).toMatch(pattern);
  });

  test('anchors and merges work', () => {
    const file = 'gateway: &g\n  port: 5\nmarket-data:\n  weights: &w {a: 1}\n';
    expect(values(file).values.gateway.port).toBe(5);
  });

  test('a file that is not there is named', () => {
    const loaded = loadConfig({ sections: SECTIONS, file: '/nowhere/x.yaml', environment: {} });
    expect(loaded.ok ? '' : loaded.error.message).toContain('/nowhere/x.yaml');
  });
});

describe('secrets', () => {
  test('are not shown in a dump nor in a message', () => {
    const config = values('gateway:\n  apiKey: correct-horse\n');
    expect(config.values.gateway.apiKey).toBe('correct-horse');
    expect(JSON.stringify(config.redacted())).not.toContain('horse');
    expect(message('gateway:\n  apiKey: short\n')).toBe(
      'configuration: gateway.apiKey: expected text of at least 8 characters, got [redacted] (cerberus.yaml:2:11)',
    );
  });
});
