import type { Fault } from './result.ts';

/** `never`: the same input fails again; `later`: a dependency may recover; `query-first`: the outcome is unknown. */
export type RetryClass = 'never' | 'later' | 'query-first';

export interface ErrorDefinition {
  readonly title: string;
  /** HTTP status the gateway answers with. */
  readonly status: number;
  readonly retry: RetryClass;
}

export interface CatalogueEntry extends ErrorDefinition {
  readonly code: string;
}

export type ErrorCatalogue<K extends string> = { readonly [P in K]: CatalogueEntry };

/**
 * One catalogue per library: `defineErrors('PRICING', { SPOT_NOT_POSITIVE: {…} })` gives the code
 * `CRB_PRICING_SPOT_NOT_POSITIVE`. The table in `docs/errors.md` is generated from these.
 */
export function defineErrors<K extends string>(
  area: string,
  definitions: { readonly [P in K]: ErrorDefinition },
): ErrorCatalogue<K> {
  const entries = Object.entries(definitions) as [K, ErrorDefinition][];
  return Object.freeze(
    Object.fromEntries(
      entries.map(([reason, definition]) => [
        reason,
        Object.freeze({ code: `CRB_${area}_${reason}`, ...definition }),
      ]),
    ),
  ) as ErrorCatalogue<K>;
}

/** A fault of a catalogue entry; `detail` fields are added as they are known. */
export function faultOf(entry: CatalogueEntry, detail: Partial<Omit<Fault, 'code'>> = {}): Fault {
  return { code: entry.code, message: detail.message ?? entry.title, ...detail };
}
