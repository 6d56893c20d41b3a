/** Best bid and offer; quantities in any one unit. */
export interface TopOfBook {
  readonly bidPrice: number;
  readonly bidQuantity: number;
  readonly askPrice: number;
  readonly askQuantity: number;
}

/** Half of bid plus ask, price units. */
export function midPrice({ bidPrice, askPrice }: TopOfBook): number {
  return (bidPrice + askPrice) / 2;
}

/**
 * Mid weighted by the opposite side's quantity: m = (b·Qa + a·Qb) / (Qa + Qb), price units. It lies
 * nearer the side that is about to be taken out.
 * Source: Gatheral and Oomen (2010), "Zero-intelligence realized variance estimation", Finance and
 * Stochastics 14, section 2. Undefined (null) where no quantity is shown.
 */
export function microprice(top: TopOfBook): number | null {
  const shown = top.bidQuantity + top.askQuantity;
  if (!(shown > 0)) return null;
  return (top.bidPrice * top.askQuantity + top.askPrice * top.bidQuantity) / shown;
}

/** Bid quantity less ask quantity over their sum, −1 to 1. */
export function bookImbalance({ bidQuantity, askQuantity }: TopOfBook): number | null {
  const shown = bidQuantity + askQuantity;
  return shown > 0 ? (bidQuantity - askQuantity) / shown : null;
}
