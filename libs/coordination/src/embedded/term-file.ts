import { readFileSync } from 'node:fs';
import { type EpochUs, epochUs } from '@cerberus/core';
import { writeDurably } from '@cerberus/runtime';
import { COORDINATION_ERRORS, coordinationError } from '../errors.ts';

const FORMAT = 1;

export interface StoredTerm {
  readonly token: number;
  readonly instanceId: string;
  readonly electedAtUs: EpochUs;
}

interface Content {
  readonly format: number;
  readonly terms: Readonly<Record<string, StoredTerm>>;
}

/** The newest term of every name, on disk before the term begins. */
export class TermFile {
  readonly #file: string;
  readonly #terms: Map<string, StoredTerm>;

  constructor(file: string) {
    this.#file = file;
    this.#terms = new Map(Object.entries(read(file).terms));
  }

  newest(name: string): StoredTerm | undefined {
    return this.#terms.get(name);
  }

  /** Terms begun from now on have tokens above this one. */
  lift(name: string, above: number): void {
    const newest = this.#terms.get(name);
    if (newest !== undefined && newest.token >= above) return;
    this.#write(name, { instanceId: '', electedAtUs: epochUs(0), ...newest, token: above });
  }

  /** The next term of the name, with a token above every earlier one. */
  begin(name: string, by: { instanceId: string; electedAtUs: EpochUs }): StoredTerm {
    const token = (this.#terms.get(name)?.token ?? 0) + 1;
    const term = { token, ...by };
    this.#write(name, term);
    return term;
  }

  #write(name: string, term: StoredTerm): void {
    const terms = Object.fromEntries([...this.#terms, [name, term]]);
    writeDurably(this.#file, `${JSON.stringify({ format: FORMAT, terms }, null, 2)}\n`);
    this.#terms.set(name, term);
  }
}

function read(file: string): Content {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { format: FORMAT, terms: {} };
    throw error;
  }
  const content = parse(text);
  // Starting over with low tokens would unfence everything: a damaged file is for a person.
  if (content === undefined)
    throw coordinationError(COORDINATION_ERRORS.FILE_CORRUPT, { path: file });
  if (content.format > FORMAT) {
    const message = `format ${content.format}, this program reads up to ${FORMAT}`;
    throw coordinationError(COORDINATION_ERRORS.FILE_NEWER, { path: file, message });
  }
  return content;
}

function parse(text: string): Content | undefined {
  try {
    const content = JSON.parse(text) as Partial<Content> | null;
    const { format, terms } = content ?? {};
    if (typeof format !== 'number' || typeof terms !== 'object' || terms === null) return undefined;
    const sound = Object.values(terms).every(
      ({ token }) => Number.isSafeInteger(token) && token > 0,
    );
    return format > FORMAT || sound ? { format, terms } : undefined;
  } catch {
    return undefined; // The caller says which file it is and refuses it.
  }
}
