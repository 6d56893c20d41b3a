import { DataFolder } from '../../src/data-folder.ts';

DataFolder.open({ path: process.argv[2] as string });
process.stdout.write('opened\n');
process.stdin.resume();
