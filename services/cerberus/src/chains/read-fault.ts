import { type Fault, faultOf } from '@cerberus/core';
import { SURFACE_ERRORS } from '@cerberus/surface';

/** A chain file that does not say what a reader needs. */
export function readFault(path: string, expected: string, received: string): Fault {
  return faultOf(SURFACE_ERRORS.OUT_OF_RANGE, {
    message: `chain file: ${path} is not readable`,
    path,
    expected,
    received: received.slice(0, 120),
  });
}
