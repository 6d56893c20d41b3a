import type { SchemaSource } from '@cerberus/schema';
import { BUS_ERRORS, busError } from '../errors.ts';

const REQUEST_TIMEOUT_MS = 5000;
const NOT_FOUND = 404;

/** Schemas from a registry over HTTP. An id never changes its schema, so answers are kept. */
export class RegistryClient implements SchemaSource {
  readonly #base: string;
  readonly #texts = new Map<number, string>();

  constructor(baseUrl: string) {
    this.#base = baseUrl.replace(/\/+$/, '');
  }

  async register(subject: string, schema: string): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const { status, body } = await this.#request(path, { schema });
    const { id } = body as { id?: unknown };
    if (typeof id === 'number') return id;
    throw this.#refused(`register ${subject}`, status, body);
  }

  async schemaText(id: number): Promise<string | undefined> {
    const known = this.#texts.get(id);
    if (known !== undefined) return known;
    const { status, body } = await this.#request(`/schemas/ids/${id}`);
    if (status === NOT_FOUND) return undefined;
    const { schema } = body as { schema?: unknown };
    if (typeof schema !== 'string') throw this.#refused(`schema ${id}`, status, body);
    this.#texts.set(id, schema);
    return schema;
  }

  async #request(path: string, post?: object): Promise<{ status: number; body: object }> {
    try {
      const response = await fetch(this.#base + path, {
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        ...(post === undefined ? {} : { method: 'POST', body: JSON.stringify(post) }),
      });
      const body: unknown = await response.json();
      return { status: response.status, body: Object(body) as object };
    } catch (error) {
      throw busError(BUS_ERRORS.REGISTRY_UNREACHABLE, { path: this.#base }, error);
    }
  }

  #refused(what: string, status: number, body: object): Error {
    const { message = 'no reason given' } = body as { message?: string };
    return busError(BUS_ERRORS.REGISTRY_REFUSED, {
      path: this.#base,
      message: `${what}: ${message} (HTTP ${status})`,
    });
  }
}
