/** A loss quantile and the mean loss beyond it, both positive for losses, in the unit of the P&L. */
export interface TailRisk {
  readonly valueAtRisk: number;
  readonly expectedShortfall: number;
}
