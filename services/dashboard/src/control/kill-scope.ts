import { FIRM_ID } from '../contract.ts';

/** What a switch covers, as a person says it. */
export function nameOf(scope: string, id: string): string {
  return scope === FIRM_ID ? 'the whole firm' : `${scope} ${id}`;
}
