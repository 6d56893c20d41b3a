import { createHash } from 'node:crypto';
import { messageOf } from '@cerberus/runtime';
import type { Redis } from 'ioredis';

/*
 * A value is kept as `<version>\n<text>`, with nothing before the line end where it has no version:
 * the script that orders versions needs its first bytes only, and MGET still reads many at once.
 */
const SEPARATOR = '\n';

/** The first 32 bytes hold any double as text. Lua's numbers are doubles too: every digit counts. */
const SET_IF_NEWER = `
local held = string.match(redis.call('GETRANGE', KEYS[1], 0, 31), '^([^\\n]+)\\n')
if held and tonumber(ARGV[1]) <= tonumber(held) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;
const SET_IF_NEWER_SHA = createHash('sha1').update(SET_IF_NEWER).digest('hex');

export function storedText(text: string, version?: number): string {
  return `${version ?? ''}${SEPARATOR}${text}`;
}

/** Undefined also for what another program wrote under the key. */
export function textOf(stored: string | null): string | undefined {
  const end = stored?.indexOf(SEPARATOR) ?? -1;
  return end < 0 ? undefined : stored?.slice(end + 1);
}

/** False when a newer version is held. */
export async function setIfNewer(
  redis: Redis,
  name: string,
  value: { readonly version: number; readonly text: string; readonly ttlMs: number },
): Promise<boolean> {
  const words = [1, name, value.version, value.text, value.ttlMs] as const;
  try {
    return (await redis.evalsha(SET_IF_NEWER_SHA, ...words)) === 1;
  } catch (error) {
    // A server that was restarted has forgotten the script; what is sent whole it remembers.
    if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
    return (await redis.eval(SET_IF_NEWER, ...words)) === 1;
  }
}
