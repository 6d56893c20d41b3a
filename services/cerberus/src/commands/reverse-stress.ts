import { unwrap } from '@cerberus/core';
import { estimateFactorCovariance, reverseStress } from '@cerberus/risk';
import { squareMatrix } from '@cerberus/stats';
import type { Command } from 'commander';
import { type BookOptions, loadBook, withBook } from './book-options.ts';
import { factorReturns } from './book-returns.ts';
import { choiceFlag, numberFlag } from './options.ts';
import { printReport, withOutput } from './report.ts';

const COVARIANCES = ['sample', 'ewma', 'dcc', 'shrunk'] as const;
const DECAY = 0.97;

interface ReverseStressOptions extends BookOptions {
  readonly loss: string;
  readonly days: string;
  readonly covariance: string;
}

export function addReverseStressCommand(program: Command): void {
  const command = program
    .command('reverse-stress')
    .description('the most likely market move that loses a given amount');
  withOutput(
    withBook(command)
      .requiredOption('--loss <amount>', 'loss to reach, in the currency of the account')
      .option('--days <n>', 'horizon', '1')
      .option('--covariance <name>', `of the moves: ${COVARIANCES.join(', ')}`, 'ewma'),
    'cerberus reverse-stress --positions book.csv --history BTC=btc.csv --history ETH=eth.csv --loss 250000 --days 10',
  ).action(search);
}

function search(options: ReverseStressOptions): void {
  const loss = numberFlag('--loss', options.loss);
  const days = numberFlag('--days', options.days);
  const name = choiceFlag('--covariance', options.covariance, COVARIANCES);
  const loaded = loadBook(options);
  const { book } = loaded;
  const returns = factorReturns(loaded);
  const estimator = estimatorOf(name);
  const { covariance } = unwrap(estimateFactorCovariance(returns.columns, estimator));
  const { size, data } = covariance;
  const rows = Array.from({ length: size }, (_, i) =>
    Array.from(data.subarray(i * size, (i + 1) * size), (value) => value * days),
  );
  const found = unwrap(
    reverseStress({
      covariance: unwrap(squareMatrix(rows, 'covariance')),
      value: (moves) => book.pnl({ spotFactors: moves.map(Math.exp), daysForward: days }),
      loss,
    }),
  );
  const moves = book.underlyings.map((underlying, i) => ({
    underlying,
    move: Math.expm1(found.moves[i]!),
    price: book.spotOf(underlying) * Math.exp(found.moves[i]!),
    standardDeviations: found.moves[i]! / Math.sqrt(rows[i]![i]!),
  }));
  printReport(
    {
      model: `nearest scenario on the loss surface by full revaluation; ${name} covariance of ${returns.days.length} daily log returns`,
      conventions: [
        ...loaded.conventions,
        `horizon ${days} day(s), covariance scaled by time, volatilities unchanged; distance is the Mahalanobis length, probability N(−distance)`,
      ],
      units: 'moves as simple returns; P&L in the currency of the account',
      inputs: loaded.inputs,
      tables: [
        {
          columns: ['underlying', 'move %', 'price', 'deviations'],
          rows: moves.map((each) => [
            each.underlying,
            100 * each.move,
            each.price,
            each.standardDeviations,
          ]),
        },
        {
          columns: ['measure', 'value'],
          rows: [
            ['P&L of the scenario', found.pnl],
            ['distance, standard deviations', found.deviations],
            ['probability to first order', found.probability],
            ['revaluations', found.evaluations],
          ],
        },
      ],
      data: { moves, pnl: found.pnl, deviations: found.deviations, probability: found.probability },
    },
    options,
  );
}

function estimatorOf(name: (typeof COVARIANCES)[number]) {
  switch (name) {
    case 'ewma':
      return { kind: 'ewma', decay: DECAY } as const;
    case 'shrunk':
      return { kind: 'ledoit-wolf', target: 'constant-correlation' } as const;
    default:
      return { kind: name } as const;
  }
}
