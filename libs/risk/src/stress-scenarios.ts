/**
 * Moves of named factors between two closes: simple returns for prices; `VIX` as a difference in
 * volatility (0.20 is 20 points). A factor without a market at the time is absent, not zero.
 */
export interface StressScenario {
  readonly id: string;
  readonly title: string;
  readonly kind: 'historical' | 'hypothetical';
  readonly moves: Readonly<Record<string, number>>;
  /** Change of every correlation towards 1, as a share of the way; 0 where absent. */
  readonly correlationShift?: number;
  /** Where the moves come from, or what is supposed. */
  readonly source: string;
}

/**
 * Historical windows are close to close, not adjusted for dividends (below 1 % in every window). 2008 and
 * 1987 are index closes of the S&P 500 and the Nasdaq-100 standing in for SPY and QQQ.
 */
export const STRESS_SCENARIOS: readonly StressScenario[] = [
  {
    id: 'black-monday-1987',
    title: 'Black Monday, 19 October 1987',
    kind: 'historical',
    moves: { SPY: -0.205 },
    source: 'S&P 500 close 282.70 to 224.84',
  },
  {
    id: 'financial-crisis-2008',
    title: 'Financial crisis, 12 September to 20 November 2008',
    kind: 'historical',
    moves: { SPY: -0.399, QQQ: -0.413, VIX: 0.552 },
    source: 'S&P 500 1251.70 to 752.44, Nasdaq-100 1767 to 1037, VIX 25.66 to 80.86',
  },
  {
    id: 'volatility-spike-2018',
    title: 'Volatility spike, 2 to 5 February 2018',
    kind: 'historical',
    moves: { SPY: -0.0418, QQQ: -0.0394, BTC: -0.2124, VIX: 0.2001 },
    source: 'closes of SPY, QQQ, BTC-USD, VIX',
  },
  {
    id: 'bitcoin-collapse-2018',
    title: 'Bitcoin collapse, 13 November to 14 December 2018',
    kind: 'historical',
    moves: { SPY: -0.0426, QQQ: -0.0324, BTC: -0.4901, VIX: 0.0161 },
    source: 'closes of SPY, QQQ, BTC-USD, VIX',
  },
  {
    id: 'pandemic-2020',
    title: 'Pandemic, 19 February to 23 March 2020',
    kind: 'historical',
    moves: { SPY: -0.341, QQQ: -0.2807, BTC: -0.334, VIX: 0.4721 },
    source: 'closes of SPY, QQQ, BTC-USD, VIX',
  },
  {
    id: 'pandemic-day-2020',
    title: 'Pandemic, the single day of 12 March 2020',
    kind: 'historical',
    moves: { SPY: -0.0957, QQQ: -0.0917, BTC: -0.3717, VIX: 0.2157 },
    source: 'closes of SPY, QQQ, BTC-USD, VIX',
  },
  {
    id: 'crypto-crash-2021',
    title: 'Crypto crash, 11 to 19 May 2021',
    kind: 'historical',
    moves: { SPY: -0.0081, QQQ: -0.0084, BTC: -0.3475, ETH: -0.4097, MSTR: -0.2116, VIX: 0.0034 },
    source: 'closes of SPY, QQQ, BTC-USD, ETH-USD, MSTR, VIX',
  },
  {
    id: 'crypto-winter-2022',
    title: 'Crypto winter, 4 May to 17 June 2022',
    kind: 'historical',
    moves: { SPY: -0.1473, QQQ: -0.1666, BTC: -0.4843, ETH: -0.6305, MSTR: -0.5426, VIX: 0.0571 },
    source: 'closes of SPY, QQQ, BTC-USD, ETH-USD, MSTR, VIX',
  },
  {
    id: 'exchange-failure-2022',
    title: 'Failure of a crypto exchange, 4 to 9 November 2022',
    kind: 'historical',
    moves: { SPY: -0.0059, QQQ: -0.0051, BTC: -0.249, ETH: -0.3312, MSTR: -0.3851, VIX: 0.0154 },
    source: 'closes of SPY, QQQ, BTC-USD, ETH-USD, MSTR, VIX',
  },
  {
    id: 'rate-shock-2022',
    title: 'Rate shock, 15 August to 12 October 2022',
    kind: 'historical',
    moves: { SPY: -0.1686, QQQ: -0.2114, BTC: -0.2063, ETH: -0.32, MSTR: -0.3744, VIX: 0.1362 },
    source: 'closes of SPY, QQQ, BTC-USD, ETH-USD, MSTR, VIX',
  },
  {
    id: 'bank-run-2023',
    title: 'Regional bank run, 8 to 10 March 2023',
    kind: 'historical',
    moves: { SPY: -0.0326, QQQ: -0.0311, BTC: -0.0705, ETH: -0.0684, MSTR: -0.1749, VIX: 0.0569 },
    source: 'closes of SPY, QQQ, BTC-USD, ETH-USD, MSTR, VIX',
  },
  {
    id: 'bitcoin-halves',
    title: 'Bitcoin loses half in a day',
    kind: 'hypothetical',
    moves: { SPY: -0.03, QQQ: -0.04, BTC: -0.5, ETH: -0.55, MSTR: -0.6, VIX: 0.12 },
    correlationShift: 0.5,
    source: 'supposed: BTC −50 %, others by their betas of the windows above',
  },
  {
    id: 'mstr-decouples',
    title: 'MSTR loses its premium while bitcoin stands still',
    kind: 'hypothetical',
    moves: { SPY: 0, QQQ: 0, BTC: 0, ETH: 0, MSTR: -0.4, VIX: 0 },
    source: 'supposed: the premium to net asset value goes from 2 to 1.2',
  },
  {
    id: 'liquidity-crisis',
    title: 'Liquidity crisis',
    kind: 'hypothetical',
    moves: { SPY: -0.15, QQQ: -0.18, BTC: -0.35, ETH: -0.4, MSTR: -0.45, VIX: 0.35 },
    correlationShift: 0.8,
    source: 'supposed: everything is sold at once, correlations go most of the way to 1',
  },
  {
    id: 'melt-up',
    title: 'Melt-up against short positions',
    kind: 'hypothetical',
    moves: { SPY: 0.08, QQQ: 0.1, BTC: 0.4, ETH: 0.45, MSTR: 0.6, VIX: 0.05 },
    source: 'supposed: a week of forced buying',
  },
];
