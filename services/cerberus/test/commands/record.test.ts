import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SystemClock } from '@cerberus/runtime';
import type { CaptureReport } from '@cerberus/service-market-data';
import { startVenueSim, type VenueSim } from '@cerberus/service-venue-sim';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cerberus } from './command-line.ts';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');
const clock = new SystemClock();

interface Recorded {
  readonly reason: string;
  readonly files: readonly {
    readonly file: string;
    readonly lines: number;
    readonly gaps: number;
    readonly reconnects: number;
  }[];
}

// The command as its own process, on the simulated venue in this one.
describe('cerberus record', () => {
  let folder: string;
  let sim: VenueSim;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cerberus-record-'));
    sim = await startVenueSim({ clock, accounts: [], seed: 3 });
  });

  afterAll(async () => {
    await sim.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const spot = () => ['--rest', sim.spotUrl, '--ws', sim.spotWsUrl];
  const futures = () => ['--rest', sim.futuresUrl, '--ws', sim.futuresWsUrl];

  test('what it records of two markets replays without a gap, every line accounted for', async () => {
    const [spotFile, usdmFile] = ['spot.txt.gz', 'usdm.txt'].map((name) => join(folder, name));
    const minutes = ['--minutes', '0.06', '--json'];
    const runs = await Promise.all([
      cerberus(['record', '--out', spotFile as string, ...spot(), ...minutes]),
      cerberus([
        ...['record', '--out', usdmFile as string, '--markets', 'usdm', '--symbols', 'ETHUSDT'],
        ...[...futures(), ...minutes],
      ]),
    ]);
    for (const run of runs) expect(run.code).toBe(0);
    const recorded = runs.flatMap(({ stdout }) => (JSON.parse(stdout) as Recorded).files);
    for (const file of recorded) {
      expect(file).toMatchObject({ gaps: 0, reconnects: 0 });
      expect(file.lines).toBeGreaterThan(20);
    }

    const replay = await cerberus([
      ...['up', '--replay', spotFile as string, usdmFile as string, '--speed', 'max'],
      ...['--exit-at-end', '--json', '--port', '0'],
    ]);
    expect({ code: replay.code, stderr: replay.stderr }).toMatchObject({ code: 0 });
    const report = JSON.parse(replay.stdout.trim().split('\n').at(-1) ?? '') as CaptureReport;
    expect(report.files.map(({ market }) => market)).toEqual(['spot', 'usdm']);
    for (const [index, file] of report.files.entries()) {
      expect(file).toMatchObject({
        every_line_accounted: true,
        lines: recorded[index]?.lines,
        ...{ ignored: {}, refused: {}, bad_lines: 0, truncated_tail: false, damage: null },
      });
      expect(file.parsed).toMatchObject({ snapshot: 1 });
      expect(file.books[0]).toMatchObject({ synced: true, gaps: 0, crossed: 0 });
    }
  }, 100_000);

  test('Ctrl-C ends it cleanly with the file complete', async () => {
    const file = join(folder, 'interrupted.txt.gz');
    const arguments_ = ['record', '--out', file, ...spot(), '--json'];
    const child = spawn(process.execPath, [MAIN, ...arguments_]);
    let stdout = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    const closed = new Promise((done) => child.once('close', done));
    await clock.sleep(4000);
    child.kill('SIGINT');
    expect(await closed).toBe(0);
    const { reason, files } = JSON.parse(stdout) as Recorded;
    expect(reason).toBe('SIGINT');
    const text = gunzipSync(readFileSync(file)).toString();
    expect(text.endsWith('\n')).toBe(true);
    expect(text.trimEnd().split('\n')).toHaveLength(files[0]?.lines ?? -1);
  }, 30_000);

  test('refuses to write over a file, an unknown symbol and a venue that is not there', async () => {
    const taken = join(folder, 'taken.txt');
    writeFileSync(taken, 'mine');
    const refused = await cerberus(['record', '--out', taken, ...spot()]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/exists already/) });
    expect(readFileSync(taken, 'utf8')).toBe('mine');

    const out = join(folder, 'none.txt');
    const unknown = await cerberus(['record', '--out', out, '--symbols', 'NOPEUSDT', ...spot()]);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/does not list NOPEUSDT/),
    });
    const nowhere = ['--rest', 'http://127.0.0.1:9', '--ws', 'ws://127.0.0.1:9'];
    const absent = await cerberus(['record', '--out', out, ...nowhere]);
    expect(absent).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/does not answer at http:\/\/127\.0\.0\.1:9/),
    });
    expect(existsSync(out)).toBe(false);
  }, 60_000);
});
