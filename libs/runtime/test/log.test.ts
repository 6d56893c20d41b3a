import { expect, test } from '@jest/globals';
import { createLogger, redactUrl } from '../src/log.ts';

test('secrets do not reach the log', () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ name: 'test', level: 'info', format: 'json', destination });
  log.info({ apiKey: 'hush', venue: { api_secret: 'hush', name: 'binance' } }, 'connected');
  log.info({ request: { headers: { authorization: 'hush', 'x-api-key': 'hush' } } }, 'asked');
  log.debug('not at this level');
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain('hush');
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    level: 'info',
    name: 'test',
    msg: 'connected',
    venue: { name: 'binance' },
  });
});

test('a URL is shown without its password', () => {
  expect(redactUrl('postgres://me:p%40ss@db:5432/x')).toBe('postgres://me:[redacted]@db:5432/x');
  expect(redactUrl('postgres://db/x')).toBe('postgres://db/x');
});
