import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createServer,
  installSite,
  isLoopbackAddress,
  isLoopbackHost,
  ProblemCatalogue,
} from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'site-'));
const app = createServer({
  ids: new UuidV7Source(new SystemClock(), new SystemRng()),
  catalogue: new ProblemCatalogue(),
  onServerError: () => undefined,
});

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), '<head><!--cerberus-api-key--></head>');
  writeFileSync(join(folder, 'app.js'), 'export {};');
  await app.register((site) => installSite(site, { folder, loopbackKey: 'the-key' }));
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

function get(path: string, headers: Record<string, string> = {}) {
  const { port } = app.server.address() as AddressInfo;
  return new Promise<{ body: string; headers: Record<string, unknown>; status: number }>(
    (resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve({ body, headers: response.headers, status: response.statusCode! }),
        );
      })
        .on('error', reject)
        .end();
    },
  );
}

describe('the dashboard', () => {
  test('gets the key on loopback only by a loopback name: a rebound name gets none', async () => {
    expect((await get('/')).body).toContain('<meta name="cerberus-api-key" content="the-key">');
    expect((await get('/', { host: 'localhost:8080' })).body).toContain('the-key');
    expect((await get('/', { host: 'evil.example' })).body).toBe('<head></head>');
    expect((await get('/', { host: '127.0.0.1.evil.example' })).body).not.toContain('the-key');
    expect((await get('/', { 'x-forwarded-for': '203.0.113.7' })).body).not.toContain('the-key');
  });

  test('carries security headers, and its page is never stored', async () => {
    const { headers } = await get('/');
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toBe('no-store');
  });

  test('serves its files and nothing beside them', async () => {
    expect((await get('/app.js')).body).toBe('export {};');
    for (const path of ['/../etc/passwd', '/..%2fetc%2fpasswd', '/nothing.js']) {
      expect((await get(path)).status).toBeGreaterThanOrEqual(400);
    }
  });

  test('loopback names and addresses', () => {
    for (const host of ['localhost', 'localhost:1', '127.0.0.1:80', '127.9.9.9', '[::1]:8080']) {
      expect(isLoopbackHost(host)).toBe(true);
    }
    for (const host of ['localhost.evil', '128.0.0.1', '[::2]', '127.0.0.1.x', undefined]) {
      expect(isLoopbackHost(host)).toBe(false);
    }
    expect(isLoopbackAddress('::ffff:127.0.0.1')).toBe(true);
    expect(isLoopbackAddress('::ffff:10.0.0.1')).toBe(false);
  });
});
