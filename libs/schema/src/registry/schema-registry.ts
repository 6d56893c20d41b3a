import { type CatalogueEntry, fail, faultOf, ok, type Result } from '@cerberus/core';
import {
  COMPATIBILITY_LEVELS,
  type CompatibilityLevel,
  incompatibilities,
  parseSchema,
} from './compatibility.ts';
import { REGISTRY_ERRORS } from './registry-errors.ts';

/** Everything that ever happened to a registry; replaying it gives the registry again. */
export type RegistryEvent =
  | {
      readonly kind: 'registered';
      readonly subject: string;
      readonly version: number;
      readonly id: number;
      readonly schema: string;
    }
  | { readonly kind: 'level'; readonly subject: string | null; readonly level: CompatibilityLevel }
  | {
      readonly kind: 'deleted';
      readonly subject: string;
      readonly versions: readonly number[];
      readonly permanent: boolean;
    };

export interface SchemaVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
}

interface StoredVersion extends SchemaVersion {
  deleted: boolean;
}

const DEFAULT_LEVEL: CompatibilityLevel = 'BACKWARD';

/**
 * Subjects, versions and ids as Confluent's registry keeps them. Pure: what changes is first given
 * to `persist`, which throws where it cannot be made durable, and only then takes effect.
 */
export class SchemaRegistry {
  readonly #persist: (event: RegistryEvent) => void;
  readonly #subjects = new Map<string, StoredVersion[]>();
  readonly #idBySchema = new Map<string, number>();
  readonly #schemaById = new Map<number, string>();
  readonly #levels = new Map<string | null, CompatibilityLevel>();

  constructor(options: {
    readonly events?: Iterable<RegistryEvent>;
    persist(event: RegistryEvent): void;
  }) {
    this.#persist = (event) => options.persist(event);
    for (const event of options.events ?? []) this.#apply(event);
  }

  /** Id of the schema under the subject; a new version where the subject does not have it yet. */
  register(subject: string, text: string): Result<SchemaVersion> {
    const schema = canonical(text);
    if (!schema.ok) return schema;
    const versions = this.#subjects.get(subject) ?? [];
    const known = versions.find((entry) => !entry.deleted && entry.schema === schema.value);
    if (known !== undefined) return ok(known);
    const live = versions.filter((entry) => !entry.deleted).map((entry) => entry.schema);
    const faults = incompatibilities(schema.value, live, this.level(subject));
    if (faults.length > 0) return refuse(REGISTRY_ERRORS.INCOMPATIBLE, faults.join('; '));
    const registered: RegistryEvent = {
      kind: 'registered',
      subject,
      version: (versions.at(-1)?.version ?? 0) + 1,
      id: this.#idBySchema.get(schema.value) ?? this.#schemaById.size + 1,
      schema: schema.value,
    };
    this.#change(registered);
    return ok(registered);
  }

  /** The version of a subject that has exactly this schema. */
  find(subject: string, text: string): Result<SchemaVersion> {
    const schema = canonical(text);
    if (!schema.ok) return schema;
    const versions = this.#live(subject);
    if (!versions.ok) return versions;
    const found = versions.value.find((entry) => entry.schema === schema.value);
    return found === undefined ? refuse(REGISTRY_ERRORS.SCHEMA_UNKNOWN) : ok(found);
  }

  schemaText(id: number): string | undefined {
    return this.#schemaById.get(id);
  }

  /** Subjects and versions that use an id. */
  usesOf(id: number): SchemaVersion[] {
    return [...this.#subjects.values()].flat().filter((entry) => !entry.deleted && entry.id === id);
  }

  subjects(withDeleted = false): string[] {
    return [...this.#subjects]
      .filter(([, versions]) => versions.some((entry) => withDeleted || !entry.deleted))
      .map(([subject]) => subject)
      .sort();
  }

  versions(subject: string): Result<number[]> {
    const versions = this.#live(subject);
    return versions.ok ? ok(versions.value.map((entry) => entry.version)) : versions;
  }

  /** `version` is a number from 1 or `latest`, as it stands in the path. */
  version(subject: string, version: string): Result<SchemaVersion> {
    const versions = this.#live(subject);
    if (!versions.ok) return versions;
    if (version === 'latest' || version === '-1') return ok(versions.value.at(-1)!);
    if (!/^[1-9]\d{0,8}$/.test(version)) {
      return refuse(REGISTRY_ERRORS.VERSION_INVALID, `a number from 1 or latest, not ${version}`);
    }
    const found = versions.value.find((entry) => entry.version === Number(version));
    return found === undefined ? refuse(REGISTRY_ERRORS.VERSION_UNKNOWN) : ok(found);
  }

  /** Why the schema may not follow the given version; empty where it may. */
  check(subject: string, version: string, text: string): Result<string[]> {
    const schema = canonical(text);
    if (!schema.ok) return schema;
    const against = this.version(subject, version);
    if (!against.ok) return against;
    return ok(incompatibilities(schema.value, [against.value.schema], this.level(subject)));
  }

  /** The same against all versions that its level looks at. */
  checkAll(subject: string, text: string): Result<string[]> {
    const schema = canonical(text);
    if (!schema.ok) return schema;
    const live = (this.#subjects.get(subject) ?? []).filter((entry) => !entry.deleted);
    return ok(
      incompatibilities(
        schema.value,
        live.map((entry) => entry.schema),
        this.level(subject),
      ),
    );
  }

  /** Level that counts for the subject. */
  level(subject: string | null): CompatibilityLevel {
    return this.#levels.get(subject) ?? this.#levels.get(null) ?? DEFAULT_LEVEL;
  }

  ownLevel(subject: string): Result<CompatibilityLevel> {
    const level = this.#levels.get(subject);
    return level === undefined ? refuse(REGISTRY_ERRORS.LEVEL_UNKNOWN, subject) : ok(level);
  }

  setLevel(subject: string | null, level: unknown): Result<CompatibilityLevel> {
    const known = COMPATIBILITY_LEVELS.find((one) => one === String(level).toUpperCase());
    if (known === undefined) {
      return refuse(REGISTRY_ERRORS.LEVEL_INVALID, `one of ${COMPATIBILITY_LEVELS.join(', ')}`);
    }
    this.#change({ kind: 'level', subject, level: known });
    return ok(known);
  }

  /** Hides all versions of a subject; `permanent` removes a hidden subject for good. */
  deleteSubject(subject: string, permanent: boolean): Result<number[]> {
    const versions = this.#subjects.get(subject);
    if (versions === undefined) return refuse(REGISTRY_ERRORS.SUBJECT_UNKNOWN, subject);
    const live = versions.filter((entry) => !entry.deleted);
    if (permanent && live.length > 0) return refuse(REGISTRY_ERRORS.SUBJECT_NOT_DELETED, subject);
    if (!permanent && live.length === 0) return refuse(REGISTRY_ERRORS.SUBJECT_DELETED, subject);
    const affected = (permanent ? versions : live).map((entry) => entry.version);
    this.#change({ kind: 'deleted', subject, versions: affected, permanent });
    return ok(affected);
  }

  #live(subject: string): Result<StoredVersion[]> {
    const live = (this.#subjects.get(subject) ?? []).filter((entry) => !entry.deleted);
    return live.length === 0 ? refuse(REGISTRY_ERRORS.SUBJECT_UNKNOWN, subject) : ok(live);
  }

  #change(event: RegistryEvent): void {
    this.#persist(event);
    this.#apply(event);
  }

  #apply(event: RegistryEvent): void {
    switch (event.kind) {
      case 'registered': {
        const { subject, version, id, schema } = event;
        const versions = this.#subjects.get(subject) ?? [];
        versions.push({ subject, version, id, schema, deleted: false });
        this.#subjects.set(subject, versions);
        this.#idBySchema.set(schema, id);
        this.#schemaById.set(id, schema);
        return;
      }
      case 'level':
        this.#levels.set(event.subject, event.level);
        return;
      case 'deleted': {
        if (event.permanent) this.#subjects.delete(event.subject);
        const hidden = new Set(event.versions);
        for (const entry of this.#subjects.get(event.subject) ?? []) {
          if (hidden.has(entry.version)) entry.deleted = true;
        }
      }
    }
  }
}

/** The text without insignificant white space, so that layout makes no version. */
function canonical(text: string): Result<string> {
  try {
    parseSchema(text);
    return ok(JSON.stringify(JSON.parse(text)));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return refuse(REGISTRY_ERRORS.SCHEMA_INVALID, message);
  }
}

function refuse(entry: CatalogueEntry, detail?: string): ReturnType<typeof fail> {
  const message = detail === undefined ? entry.title : `${entry.title}: ${detail}`;
  return fail(faultOf(entry, { message }));
}
