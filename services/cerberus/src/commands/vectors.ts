import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type CatalogueEntry, CerberusError, faultOf } from '@cerberus/core';
import type { Command } from 'commander';
import type { VectorCase, VectorFile } from '../vectors/topic.ts';
import { topicOf } from '../vectors/topics.ts';
import { CLI_ERRORS } from './errors.ts';
import { Progress } from './progress.ts';

interface VectorsOptions {
  readonly in: string;
  readonly out: string;
}

type Line = Readonly<Record<string, unknown>>;

export function addVectorsCommand(program: Command): void {
  program
    .command('vectors')
    .description('compute every case of the reference-vector files of a folder; judges nothing')
    .requiredOption('--in <dir>', 'folder of vector files (*.json)')
    .requiredOption(
      '--out <file>',
      'NDJSON to write: file, id and the computed values of each case',
    )
    .addHelpText(
      'after',
      '\nExample:\n  cerberus vectors --in ../shared/vectors --out computed.ndjson\n',
    )
    .action(writeVectors);
}

/** The output appears whole under its name or not at all. */
function writeVectors(options: VectorsOptions): void {
  const names = vectorNames(options.in);
  const progress = new Progress({ silent: !process.stderr.isTTY });
  const part = `${options.out}.part`;
  const counts = { files: 0, cases: 0, errors: 0 };
  const out = openOutput(part);
  try {
    for (const name of names) {
      counts.files += 1;
      for (const line of linesOf(options.in, name, progress)) {
        counts.cases += 1;
        if (line['error'] !== undefined) counts.errors += 1;
        writeSync(out, `${JSON.stringify(line)}\n`);
      }
    }
    closeSync(out);
  } catch (error) {
    closeSync(out);
    rmSync(part, { force: true });
    throw error;
  }
  renameSync(part, options.out);
  progress.end();
  console.error(
    `${counts.files} files, ${counts.cases} lines, ${counts.errors} with an error code: ${options.out}`,
  );
}

function vectorNames(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    if (names.length > 0) return names.sort();
  } catch (error) {
    throw new CerberusError(
      faultOf(CLI_ERRORS.INPUT_UNREADABLE, { path: folder, received: (error as Error).message }),
    );
  }
  throw new CerberusError(
    faultOf(CLI_ERRORS.INPUT_UNREADABLE, { path: folder, expected: 'vector files named *.json' }),
  );
}

function openOutput(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new CerberusError(
      faultOf(CLI_ERRORS.OUTPUT_UNWRITABLE, { path, received: (error as Error).message }),
    );
  }
}

function* linesOf(folder: string, name: string, progress: Progress): Generator<Line> {
  const file = readVectorFile(join(folder, name));
  if (typeof file === 'string') {
    yield problem({ file: name, id: null }, CLI_ERRORS.INPUT_INVALID, file);
    return;
  }
  const topic = topicOf(file.topic, name);
  const total = file.cases.length;
  for (const [index, item] of file.cases.entries()) {
    progress.bar(name, index, total);
    const head = { file: name, id: item?.id ?? `row ${index + 1}` };
    if (topic === undefined) {
      yield problem(head, CLI_ERRORS.VECTOR_TOPIC_UNKNOWN, `topic ${String(file.topic)}`);
    } else yield evaluated(head, () => topic.evaluate(inputsOf(item), file));
  }
}

/** The file, or what is wrong with it. */
function readVectorFile(path: string): VectorFile | string {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as VectorFile | null;
    return Array.isArray(file?.cases) ? file : 'expected an object with a list `cases`';
  } catch (error) {
    return (error as Error).message;
  }
}

function inputsOf(item: VectorCase): VectorCase['inputs'] {
  if (typeof item?.inputs === 'object' && item.inputs !== null) return item.inputs;
  throw new TypeError('expected an object `inputs`');
}

/** One bad case is one line that says so; whatever an unknown shape makes a kernel do. */
function evaluated(head: Line, evaluate: () => Line): Line {
  try {
    const values = evaluate();
    const broken = notFinite(values, '');
    if (broken === undefined) return { ...head, ...values };
    return problem(head, CLI_ERRORS.RESULT_NOT_FINITE, broken);
  } catch (error) {
    return problem(head, CLI_ERRORS.VECTOR_CASE_FAILED, (error as Error).message);
  }
}

function problem(head: Line, entry: CatalogueEntry, message: string): Line {
  return { ...head, error: entry.code, message: `${entry.title}: ${message}` };
}

/** JSON would turn NaN into null, which means "not applicable" in these files. */
function notFinite(value: unknown, path: string): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const found = notFinite(inner, path === '' ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
