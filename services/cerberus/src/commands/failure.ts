import { ALGO_ERRORS } from '@cerberus/algos';
import { CerberusError, type ErrorCatalogue } from '@cerberus/core';
import { FEATURES_ERRORS } from '@cerberus/features';
import { ORDERS_ERRORS } from '@cerberus/orders';
import { PRICING_ERRORS } from '@cerberus/pricing';
import { RISK_ERRORS } from '@cerberus/risk';
import { STATS_ERRORS } from '@cerberus/stats';
import { SURFACE_ERRORS } from '@cerberus/surface';
import { CommanderError } from 'commander';
import { DLQ_ERRORS } from './dlq-errors.ts';
import { CLI_ERRORS } from './errors.ts';
import { GatewayRefusal } from './gateway-client.ts';

const CATALOGUES: readonly ErrorCatalogue<string>[] = [
  ALGO_ERRORS,
  CLI_ERRORS,
  FEATURES_ERRORS,
  DLQ_ERRORS,
  FEATURES_ERRORS,
  ORDERS_ERRORS,
  PRICING_ERRORS,
  RISK_ERRORS,
  STATS_ERRORS,
  SURFACE_ERRORS,
];

/** HTTP statuses that say that the request itself is wrong. */
const BAD_REQUESTS: readonly number[] = [400, 404, 413, 422];

export const [EXIT_FAILURE, EXIT_BAD_INPUT] = [1, 2];

/** 2 for what the user gave, 1 for everything else; 0 where help was asked for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
  if (error instanceof GatewayRefusal) {
    return BAD_REQUESTS.includes(error.status) ? EXIT_BAD_INPUT : EXIT_FAILURE;
  }
  if (!(error instanceof CerberusError)) return EXIT_FAILURE;
  const entry = CATALOGUES.flatMap((each) => Object.values(each)).find(
    ({ code }) => code === error.code,
  );
  return entry !== undefined && entry.status < 500 ? EXIT_BAD_INPUT : EXIT_FAILURE;
}

/** What a person needs to know of a failure; the stack is for bugs only. */
export function describeFailure(error: unknown): string {
  if (error instanceof CerberusError) {
    const { code, message, path, expected, received } = error.fault;
    const lines = [`${path === undefined ? '' : `${path}: `}${message} (${code})`];
    if (expected !== undefined) lines.push(`  expected: ${expected}`);
    if (received !== undefined) lines.push(`  received: ${received}`);
    return lines.join('\n');
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
