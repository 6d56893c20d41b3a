import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopbackAddress, isLoopbackHost } from './origin.ts';

export interface StaticSiteOptions {
  /** Folder with `index.html` and what it needs. */
  readonly folder: string;
  /** Key handed to the page, given only where the server listens on a loopback address. */
  readonly loopbackKey?: string | undefined;
}

const PLACEHOLDER = '<!--cerberus-api-key-->';

/** Everything from ourselves, nothing inline, no frames: the page needs no more. */
const CONTENT_SECURITY_POLICY = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** A single-page site at `/`, with security headers, in a context of its own. */
export async function installSite(app: FastifyInstance, options: StaticSiteOptions): Promise<void> {
  const page = readFileSync(join(options.folder, 'index.html'), 'utf8');
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    crossOriginEmbedderPolicy: true,
    // Only a server that terminates TLS itself may promise it.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  await app.register(files, {
    root: options.folder,
    index: false,
    wildcard: false,
    globIgnore: ['**/index.html'],
    immutable: true,
    maxAge: '1y',
    decorateReply: false,
  });
  for (const url of ['/', '/index.html']) {
    app.get(url, { schema: { hide: true } as object }, (request, reply) => {
      const key = isLocal(request) ? options.loopbackKey : undefined;
      return reply
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(page.replace(PLACEHOLDER, key === undefined ? '' : metaOf(key)));
    });
  }
}

/**
 * A loopback peer that also asked for a loopback name. A page of another site whose name was rebound
 * to 127.0.0.1 comes from a loopback peer too, but asks for its own name. A proxy on this machine
 * shows itself by its forwarding headers: behind it the peer may be anybody.
 */
function isLocal(request: FastifyRequest): boolean {
  const { headers } = request;
  if (headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined) return false;
  return isLoopbackAddress(request.socket.remoteAddress) && isLoopbackHost(headers.host);
}

function metaOf(key: string): string {
  return `<meta name="cerberus-api-key" content="${key}">`;
}
