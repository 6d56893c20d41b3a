import { CerberusError } from '@cerberus/core';

/** Code of the fault with which a promise rejects; undefined when it resolves. */
export async function faultCode(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof CerberusError) return error.code;
    throw error;
  }
}
