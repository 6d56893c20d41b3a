import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { note } from '../result.ts';

const SOURCE = join(import.meta.dirname, '..', 'quantlib', 'peer.cpp');
const CACHE = join(import.meta.dirname, '..', '..', '.cerberus', 'bench');
const FLAGS = ['-O3', '-march=native'];
const PACKAGES = ['g++', 'libquantlib0-dev'];

/**
 * QuantLib behind a pipe: inputs go through files of doubles, one round at a time is asked for and
 * answered with its CPU seconds, so that rounds of both sides take turns.
 */
export class QuantLibPeer {
  readonly version: string;
  private readonly folder: string;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  private constructor(parts: {
    folder: string;
    child: ChildProcessWithoutNullStreams;
    lines: AsyncIterator<string>;
    version: string;
  }) {
    this.folder = parts.folder;
    this.child = parts.child;
    this.lines = parts.lines;
    this.version = parts.version;
  }

  /** Undefined, with a note of what is missing, where QuantLib cannot be had. */
  static async start(): Promise<QuantLibPeer | undefined> {
    const program = built();
    if (program === undefined) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'cerberus-numbers-'));
    const child = spawn(program, [folder]);
    child.stderr.pipe(process.stderr);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const version = await lines.next();
    return new QuantLibPeer({ folder, child, lines, version: String(version.value) });
  }

  write(inputs: string, rows: Float64Array): void {
    writeFileSync(join(this.folder, `${inputs}.in`), rows);
  }

  /** CPU seconds of one round. */
  async round(topic: string): Promise<number> {
    this.child.stdin.write(`${topic}\n`);
    const answer = await this.lines.next();
    const seconds = Number(answer.value);
    if (answer.done || !(seconds > 0))
      throw new Error(`the QuantLib peer gave no time for ${topic}`);
    return seconds;
  }

  /** What the first round of the topic computed. */
  values(topic: string): Float64Array {
    const bytes = readFileSync(join(this.folder, `${topic}.out`));
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }

  stop(): void {
    this.child.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The compiled peer, kept by the hash of its source, the flags and the machine's compiler. */
function built(): string | undefined {
  if (!isInstalled() && !install()) return undefined;
  const compiler = spawnSync('g++', ['--version']).stdout;
  const hash = createHash('sha256')
    .update(readFileSync(SOURCE))
    .update(FLAGS.join(' '))
    .update(compiler)
    .digest('hex');
  const program = join(CACHE, `quantlib-peer-${hash.slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  note(`    compiling the QuantLib peer: g++ ${FLAGS.join(' ')}`);
  const result = spawnSync('g++', [...FLAGS, '-o', program, SOURCE, '-lQuantLib'], {
    encoding: 'utf8',
  });
  if (result.status === 0) return program;
  note(`    no peer: the compilation failed\n${result.stderr.slice(0, 2000)}`);
  return undefined;
}

function isInstalled(): boolean {
  const probe = spawnSync('g++', ['-fsyntax-only', '-x', 'c++', '-'], {
    input: '#include <ql/version.hpp>\n',
  });
  return probe.status === 0;
}

function install(): boolean {
  const command = `apt-get install -y --no-install-recommends ${PACKAGES.join(' ')}`;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && spawnSync('apt-get', ['--version']).status === 0) {
    note(`    installing the peer: ${command}`);
    spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore' });
    spawnSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (isInstalled()) return true;
  }
  note(`    no peer: g++ with QuantLib's headers is missing (as root: ${command})`);
  return false;
}
