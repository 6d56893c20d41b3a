import { unwrap } from '@cerberus/core';
import {
  autocorrelations,
  chowTest,
  cusumTest,
  jarqueBera,
  leastSquares,
  ljungBox,
  onesColumn,
  regress,
  whiteTest,
} from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

const Y = [
  1.2, 0.7, 2.9, 1.8, 3.1, 2.2, 4.0, 3.3, 2.6, 4.8, 4.1, 5.6, 3.9, 6.3, 5.1, 7.2, 5.8, 6.1, 8.4,
  6.6, 9.0, 7.7, 8.8, 11.2,
];
const X = [
  0.5, 0.9, 1.1, 1.6, 1.9, 2.2, 2.9, 3.0, 3.4, 3.8, 4.1, 4.7, 4.6, 5.2, 5.5, 6.1, 6.0, 6.8, 7.2,
  7.1, 7.9, 8.3, 8.8, 9.1,
];
const ONES = onesColumn(Y.length);

// References: the definitions evaluated in 30-digit arithmetic.
describe('regression and its diagnostics', () => {
  const fit = unwrap(regress([X, ONES], Y));

  test('coefficients, errors and p-values', () => {
    expect(fit.coefficients[0]).toBeCloseTo(0.9845663961282873, 13);
    expect(fit.coefficients[1]).toBeCloseTo(0.47664029818091713, 13);
    expect(fit.standardErrors[0]).toBeCloseTo(0.06848842884888322, 13);
    expect(fit.standardErrors[1]).toBeCloseTo(0.3665064272758688, 13);
    expect(fit.pValues[1]).toBeCloseTo(0.206889901789642, 12);
    expect(fit.residualSumOfSquares).toBeCloseTo(16.311931770554633, 12);
  });

  test('Jarque-Bera', () => {
    const result = unwrap(jarqueBera(Y));
    expect(result.statistic).toBeCloseTo(0.8372004198064171, 12);
    expect(result.pValue).toBeCloseTo(0.6579671914598367, 12);
  });

  test('Ljung-Box, with and without a fitted parameter', () => {
    const result = unwrap(ljungBox(Y, 4));
    expect(result.statistic).toBeCloseTo(37.150758920581325, 11);
    expect(result.pValue / 1.6769703751513812e-7).toBeCloseTo(1, 10);
    expect(unwrap(ljungBox(Y, 4, 1)).pValue / 4.275530525062981e-8).toBeCloseTo(1, 10);
  });

  test('White', () => {
    const result = unwrap(whiteTest(fit.residuals, [X]));
    expect(result.statistic).toBeCloseTo(4.220613815047722, 10);
    expect(result.pValue).toBeCloseTo(0.12120076329855865, 11);
  });

  test('Chow', () => {
    const result = unwrap(chowTest([X, ONES], Y, 10));
    expect(result.statistic).toBeCloseTo(0.6443510801691451, 11);
    expect(result.pValue).toBeCloseTo(0.535559955127045, 11);
  });

  test('CUSUM of recursive residuals', () => {
    const result = unwrap(cusumTest([X, ONES], Y));
    expect(result.path.at(-1)).toBeCloseTo(2.6514144260456547, 11);
    expect(result.largestRatio5pct).toBeCloseTo(0.3086456036473542, 11);
    expect(result.stableAt5pct).toBe(true);
    const rows = Array.from({ length: 90 }, (_, i) => i);
    const broken = rows.map((i) => (i % 3) + (i < 45 ? 0 : 0.2 * (i - 45)));
    const verdict = unwrap(cusumTest([onesColumn(90)], broken));
    expect(verdict.stableAt5pct).toBe(false);
    expect(verdict.firstCrossing).toBeGreaterThan(45);
  });
});

// Longley (1967), the NIST StRD set of higher difficulty: certified to 15 digits, condition about 10⁹.
test('an ill-conditioned certified regression keeps nine digits', () => {
  const rows = [
    [60323, 83.0, 234289, 2356, 1590, 107608, 1947],
    [61122, 88.5, 259426, 2325, 1456, 108632, 1948],
    [60171, 88.2, 258054, 3682, 1616, 109773, 1949],
    [61187, 89.5, 284599, 3351, 1650, 110929, 1950],
    [63221, 96.2, 328975, 2099, 3099, 112075, 1951],
    [63639, 98.1, 346999, 1932, 3594, 113270, 1952],
    [64989, 99.0, 365385, 1870, 3547, 115094, 1953],
    [63761, 100.0, 363112, 3578, 3350, 116219, 1954],
    [66019, 101.2, 397469, 2904, 3048, 117388, 1955],
    [67857, 104.6, 419180, 2822, 2857, 118734, 1956],
    [68169, 108.4, 442769, 2936, 2798, 120445, 1957],
    [66513, 110.8, 444546, 4681, 2637, 121950, 1958],
    [68655, 112.6, 482704, 3813, 2552, 123366, 1959],
    [69564, 114.2, 502601, 3931, 2514, 125368, 1960],
    [69331, 115.7, 518173, 4806, 2572, 127852, 1961],
    [70551, 116.9, 554894, 4007, 2827, 130081, 1962],
  ];
  const columns = [1, 2, 3, 4, 5, 6].map((j) => rows.map((row) => row[j]!));
  const fit = unwrap(
    regress(
      [onesColumn(16), ...columns],
      rows.map((row) => row[0]!),
    ),
  );
  expect(fit.coefficients[0]! / -3482258.63459582).toBeCloseTo(1, 8);
  expect(fit.coefficients[6]! / 1829.15146461355).toBeCloseTo(1, 8);
  expect(fit.standardErrors[0]! / 890420.383607373).toBeCloseTo(1, 8);
});

describe('refusals', () => {
  test('collinear regressors', () => {
    expect(leastSquares([X, X.map((x) => 2 * x)], Y)).toMatchObject({
      error: { code: 'CRB_STATS_SINGULAR', path: 'columns[1]' },
    });
  });

  test('columns of another length, NaN, too few rows', () => {
    expect(regress([X.slice(1)], Y)).toMatchObject({
      error: { code: 'CRB_STATS_LENGTH_MISMATCH', path: 'columns[0]' },
    });
    expect(regress([X], [...Y.slice(1), Number.NaN])).toMatchObject({
      error: { code: 'CRB_STATS_NOT_FINITE', path: 'target[23]' },
    });
    expect(
      regress(
        [
          [1, 2],
          [1, 1],
        ],
        [1, 2],
      ),
    ).toMatchObject({
      error: { code: 'CRB_STATS_TOO_SHORT', path: 'target' },
    });
    expect(autocorrelations([3, 3, 3, 3], 1)).toMatchObject({
      error: { code: 'CRB_STATS_CONSTANT' },
    });
  });
});
