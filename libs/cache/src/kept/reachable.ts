import { CerberusError } from '@cerberus/core';
import { CACHE_ERRORS } from '../errors.ts';

export type Reached<T> =
  | { readonly isReached: true; readonly value: T }
  | { readonly isReached: false; readonly reason: string };

/**
 * The answer, or why the cache gave none. Its loss is counted and told of by the cache itself; here
 * it is one of two ordinary outcomes. Anything else that goes wrong is thrown.
 */
export async function reached<T>(answer: Promise<T>): Promise<Reached<T>> {
  try {
    return { isReached: true, value: await answer };
  } catch (error) {
    const isLost = error instanceof CerberusError && error.code === CACHE_ERRORS.UNAVAILABLE.code;
    if (!isLost) throw error;
    return { isReached: false, reason: error.message };
  }
}
