import { resolve } from 'node:path';
import { SystemClock } from '@cerberus/runtime';
import type { Command } from 'commander';
import { ensureDemoBook } from '../up/demo-book.ts';
import { spotPrices } from '../up/spot-prices.ts';

interface DemoBookOptions {
  readonly rest: string;
  readonly symbols: readonly string[];
}

export function addDemoBookCommand(program: Command): void {
  program
    .command('demo-book')
    .description('write start-up positions around the prices of the moment, unless they are there')
    .argument('<file>', 'CSV file for portfolio.openingPositions')
    .option('--rest <url>', 'spot market that is asked for prices', 'http://127.0.0.1:9201')
    .option('--symbols <symbol...>', 'dollar pairs held', ['BTCUSDT', 'ETHUSDT'])
    .addHelpText('after', '\nExample:\n  cerberus demo-book positions.csv --symbols BTCUSDT\n')
    .action(async (file: string, { rest, symbols }: DemoBookOptions) => {
      const path = resolve(file);
      const market = async () => ({ spots: await spotPrices(rest, symbols) });
      await ensureDemoBook(path, new SystemClock().nowUs(), market);
      console.log(path);
    });
}
