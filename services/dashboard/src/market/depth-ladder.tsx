import type { Book, BookLevel, Quote } from '../contract.ts';
import { Figure } from '../display/figure.tsx';
import { formatNumber, formatPrice, numberOf } from '../display/format.ts';

const LEVELS = 7;

interface Level {
  price: number;
  quantity: BookLevel[1];
  /** Quantity from the touch to here, as a fraction of the deeper side's total. */
  depth: number;
}

function sideOf(levels: BookLevel[], total: number): Level[] {
  let sum = 0;
  return levels.slice(0, LEVELS).map(([price, quantity]) => {
    sum += Number(quantity);
    return { price: Number(price), quantity, depth: total > 0 ? sum / total : 0 };
  });
}

function totalOf(levels: BookLevel[]): number {
  return levels.slice(0, LEVELS).reduce((sum, [, quantity]) => sum + Number(quantity), 0);
}

/** Without a book the touch alone is shown, and said to be that. */
function bookOf(quote: Quote, book: Book | undefined): Book {
  if (book && (book.bids.length > 0 || book.asks.length > 0)) return book;
  const touch = (price: Quote['mid'], quantity: Quote['mid']): BookLevel[] =>
    price === null ? [] : [[price, quantity ?? 0]];
  return {
    bids: touch(quote.bid_price, quote.bid_quantity),
    asks: touch(quote.ask_price, quote.ask_quantity),
  };
}

export function DepthLadder({ quote, book }: { quote: Quote; book: Book | undefined }) {
  const { bids, asks } = bookOf(quote, book);
  const total = Math.max(totalOf(bids), totalOf(asks));
  return (
    <section className="ladder" aria-label={`Order book of ${quote.symbol}`}>
      <div className="ladder-head">
        <span>Price</span>
        <span>Quantity</span>
      </div>
      <Side side="ask" levels={sideOf(asks, total).reverse()} />
      <div className="ladder-mid">
        <Figure value={quote.mid} format={formatPrice} reason="one side of the book is empty" />
        <span className="muted">{book ? 'mid' : 'touch only'}</span>
      </div>
      <Side side="bid" levels={sideOf(bids, total)} />
    </section>
  );
}

function Side({ side, levels }: { side: 'bid' | 'ask'; levels: Level[] }) {
  const padding = Array.from({ length: LEVELS - levels.length }, (_, index) => `empty-${index}`);
  const rows = levels.map((level, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a place in the ladder stays, the prices pass through it.
    <li key={index} className="ladder-level">
      <span className="ladder-bar" style={{ transform: `scaleX(${level.depth})` }} />
      <span className="figure ladder-price">{formatPrice(level.price)}</span>
      <span className="figure">{quantityText(level.quantity)}</span>
    </li>
  ));
  const blanks = padding.map((key) => (
    <li key={key} className="ladder-level" aria-hidden="true">
      <span>&nbsp;</span>
    </li>
  ));
  return (
    <ol className={`ladder-side ladder-${side}`} aria-label={side === 'bid' ? 'Bids' : 'Asks'}>
      {side === 'ask' ? blanks : rows}
      {side === 'ask' ? rows : blanks}
    </ol>
  );
}

function quantityText(quantity: BookLevel[1]): string {
  const number = numberOf(quantity);
  return number === null ? '' : formatNumber(number, number >= 1000 ? 1 : 4);
}
