import { fail, faultOf, ok, type Result } from '@cerberus/core';
import { REGISTRY_ERRORS, type SchemaRegistry } from '@cerberus/schema';

export interface RegistryRequest {
  readonly registry: SchemaRegistry;
  /** Decoded path parameters in order. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
}

type Route = readonly [
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: RegExp,
  answer: (request: RegistryRequest) => Result<unknown>,
];

const SEGMENT = '([^/]+)';

function path(text: string): RegExp {
  return new RegExp(`^${text.replaceAll('*', SEGMENT)}/?$`);
}

/** Confluent's REST interface as far as its clients use it for Avro. */
export const REGISTRY_ROUTES: readonly Route[] = [
  ['GET', path(''), () => ok({})],
  ['GET', path('/mode'), () => ok({ mode: 'READWRITE' })],
  ['GET', path('/schemas/types'), () => ok(['AVRO'])],
  ['GET', path('/schemas/ids/*'), schemaById],
  ['GET', path('/schemas/ids/*/versions'), usesOfId],
  ['GET', path('/subjects'), subjects],
  ['POST', path('/subjects/*'), find],
  ['DELETE', path('/subjects/*'), deleteSubject],
  ['GET', path('/subjects/*/versions'), ({ registry, params }) => registry.versions(params[0]!)],
  ['POST', path('/subjects/*/versions'), register],
  ['GET', path('/subjects/*/versions/*'), version],
  ['GET', path('/subjects/*/versions/*/schema'), versionText],
  ['GET', path('/config'), ({ registry }) => ok({ compatibilityLevel: registry.level(null) })],
  ['PUT', path('/config'), ({ registry, body }) => setLevel(registry, null, body)],
  ['GET', path('/config/*'), level],
  ['PUT', path('/config/*'), ({ registry, params, body }) => setLevel(registry, params[0]!, body)],
  ['POST', path('/compatibility/subjects/*/versions'), checkAll],
  ['POST', path('/compatibility/subjects/*/versions/*'), check],
];

function schemaById({ registry, params }: RegistryRequest): Result<unknown> {
  const schema = registry.schemaText(Number(params[0]));
  if (schema !== undefined) return ok({ schema });
  return fail(faultOf(REGISTRY_ERRORS.SCHEMA_UNKNOWN, { received: params[0]! }));
}

function usesOfId({ registry, params }: RegistryRequest): Result<unknown> {
  const uses = registry.usesOf(Number(params[0]));
  if (uses.length === 0) return fail(faultOf(REGISTRY_ERRORS.SCHEMA_UNKNOWN));
  return ok(uses.map((use) => ({ subject: use.subject, version: use.version })));
}

function subjects({ registry, query }: RegistryRequest): Result<unknown> {
  return ok(registry.subjects(query.get('deleted') === 'true'));
}

function find({ registry, params, body }: RegistryRequest): Result<unknown> {
  return withSchema(body, (schema) => registry.find(params[0]!, schema));
}

function register({ registry, params, body }: RegistryRequest): Result<unknown> {
  return withSchema(body, (schema) => {
    const registered = registry.register(params[0]!, schema);
    return registered.ok ? ok({ id: registered.value.id }) : registered;
  });
}

function deleteSubject({ registry, params, query }: RegistryRequest): Result<unknown> {
  return registry.deleteSubject(params[0]!, query.get('permanent') === 'true');
}

function version({ registry, params }: RegistryRequest): Result<unknown> {
  const found = registry.version(params[0]!, params[1]!);
  if (!found.ok) return found;
  const { subject, id, schema } = found.value;
  return ok({ subject, version: found.value.version, id, schema });
}

function versionText({ registry, params }: RegistryRequest): Result<unknown> {
  const found = registry.version(params[0]!, params[1]!);
  return found.ok ? ok(JSON.parse(found.value.schema)) : found;
}

function level({ registry, params, query }: RegistryRequest): Result<unknown> {
  const byDefault = query.get('defaultToGlobal') === 'true';
  const own = byDefault ? ok(registry.level(params[0]!)) : registry.ownLevel(params[0]!);
  return own.ok ? ok({ compatibilityLevel: own.value }) : own;
}

function setLevel(
  registry: SchemaRegistry,
  subject: string | null,
  body: unknown,
): Result<unknown> {
  const wanted = (body as { compatibility?: unknown } | null)?.compatibility;
  const set = registry.setLevel(subject, wanted);
  return set.ok ? ok({ compatibility: set.value }) : set;
}

function check({ registry, params, query, body }: RegistryRequest): Result<unknown> {
  return withSchema(body, (schema) =>
    verdict(registry.check(params[0]!, params[1]!, schema), query),
  );
}

function checkAll({ registry, params, query, body }: RegistryRequest): Result<unknown> {
  return withSchema(body, (schema) => verdict(registry.checkAll(params[0]!, schema), query));
}

function verdict(faults: Result<string[]>, query: URLSearchParams): Result<unknown> {
  if (!faults.ok) return faults;
  const messages = query.get('verbose') === 'true' ? { messages: faults.value } : {};
  return ok({ is_compatible: faults.value.length === 0, ...messages });
}

function withSchema(body: unknown, use: (schema: string) => Result<unknown>): Result<unknown> {
  const { schema, schemaType = 'AVRO', references = [] } = (body ?? {}) as Record<string, unknown>;
  const usable =
    typeof schema === 'string' &&
    schemaType === 'AVRO' &&
    Array.isArray(references) &&
    references.length === 0;
  if (usable) return use(schema);
  const message = 'a schema of type AVRO as text, without references';
  return fail(faultOf(REGISTRY_ERRORS.SCHEMA_INVALID, { message: `Invalid schema: ${message}` }));
}
