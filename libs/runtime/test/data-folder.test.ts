import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DataFolder } from '../src/data-folder.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cerberus data '));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const HOLDER = join(import.meta.dirname, 'programs', 'hold-data-folder.ts');

/** Another process that opens the folder and stays. */
function hold(path: string) {
  const child = spawn(process.execPath, [HOLDER, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const opened = new Promise<string>((resolve) => {
    child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
  });
  return { child, opened };
}

describe('DataFolder', () => {
  test('is made private, with its version', () => {
    const path = join(root, 'deep', 'new');
    const folder = DataFolder.open({ path });
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(folder.folder('ledger')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(path, 'VERSION'), 'utf8')).toBe('1\n');
    folder.close();
    DataFolder.open({ path }).close();
  });

  test('a second instance is refused and told who holds it, in this process', () => {
    const path = join(root, 'twice');
    const folder = DataFolder.open({ path });
    expect(() => DataFolder.open({ path })).toThrow(
      `data folder ${path} is already in use by pid ${process.pid}`,
    );
    folder.close();
  });

  test('and in another; kill -9 frees it', async () => {
    const path = join(root, 'killed');
    const { child, opened } = hold(path);
    expect(await opened).toBe('opened');
    expect(() => DataFolder.open({ path })).toThrow(`already in use by pid ${child.pid}`);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    DataFolder.open({ path }).close();
  });

  test('of a newer version is refused', () => {
    const path = join(root, 'newer');
    mkdirSync(path);
    writeFileSync(join(path, 'VERSION'), '7\n');
    expect(() => DataFolder.open({ path })).toThrow(
      `data folder ${path} has format 7, this version of Cerberus reads formats up to 1`,
    );
    writeFileSync(join(path, 'VERSION'), 'hello\n');
    expect(() => DataFolder.open({ path })).toThrow('may not belong to Cerberus');
    // A refused open leaves no lock behind.
    writeFileSync(join(path, 'VERSION'), '1\n');
    DataFolder.open({ path }).close();
  });

  test('that cannot be written is named with the key to change', () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    expect(() => DataFolder.open({ path: join(file, 'below') })).toThrow(
      /cannot be written.*host\.dataDir/,
    );
    expect(() => DataFolder.open({ path: file })).toThrow(/cannot be written.*not a folder|EEXIST/);
  });
});
