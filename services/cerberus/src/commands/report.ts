import { writeFileSync } from 'node:fs';
import { faultOf } from '@cerberus/core';
import type { Command } from 'commander';
import { CLI_ERRORS } from './errors.ts';
import { faulty, type InputHash } from './input.ts';
import { type Table, tableText } from './table.ts';

/** Every answer says what it rests on, in text as in JSON. */
export interface Report {
  readonly model: string;
  readonly conventions: readonly string[];
  readonly units: string;
  readonly inputs: readonly InputHash[];
  readonly tables: readonly Table[];
  /** The same figures at full precision, for `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface OutputOptions {
  readonly json?: boolean;
  readonly plot?: string;
}

export function withOutput(command: Command, example: string): Command {
  return command
    .option('--json', 'print one JSON document at full precision')
    .addHelpText('after', `\nExample:\n  ${example}\n`);
}

export function withPlot(command: Command, what: string): Command {
  return command.option('--plot <file.svg>', `write a picture of ${what}`);
}

/** Prints a report whole; the picture is written first, so that a failure prints nothing. */
export function printReport(report: Report, options: OutputOptions, picture?: () => string): void {
  if (options.plot !== undefined && picture !== undefined) writePicture(options.plot, picture());
  process.stdout.write(`${options.json === true ? jsonOf(report) : textOf(report)}\n`);
}

function jsonOf({ model, conventions, units, inputs, data }: Report): string {
  const sources = inputs.map(({ source, sha256 }) => ({ source, sha256 }));
  const document = { model, conventions, units, inputs: sources, ...data };
  return JSON.stringify(snakeCased(document), (name, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw faulty(faultOf(CLI_ERRORS.RESULT_NOT_FINITE, { path: name, received: String(value) }));
    }
    return value;
  });
}

const CAMEL_CASE = /^[a-z]+(?:[A-Z][a-z0-9]*)+$/;

/** Names of ours as JSON writes them; names that are data, such as symbols, stay. */
function snakeCased(value: unknown): unknown {
  if (value instanceof Float64Array) return [...value];
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      CAMEL_CASE.test(name) ? name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`) : name,
      snakeCased(inner),
    ]),
  );
}

function textOf({ model, conventions, units, inputs, tables }: Report): string {
  const sources = inputs.map(({ source, sha256 }) => `${source} (sha256 ${sha256})`);
  return [
    ...tables.map((table) => `${tableText(table)}\n`),
    `model        ${model}`,
    ...conventions.map((text, index) => `${index === 0 ? 'conventions' : ''.padEnd(11)}  ${text}`),
    `units        ${units}`,
    `input        ${sources.join(', ')}`,
  ].join('\n');
}

function writePicture(path: string, svg: string): void {
  if (!path.toLowerCase().endsWith('.svg')) {
    throw faulty(
      faultOf(CLI_ERRORS.OPTION_INVALID, {
        path: '--plot',
        expected: 'a name ending in .svg',
        received: path,
      }),
    );
  }
  try {
    writeFileSync(path, svg);
  } catch (error) {
    throw faulty(
      faultOf(CLI_ERRORS.OUTPUT_UNWRITABLE, { path, received: (error as Error).message }),
    );
  }
}
