import { useId } from 'react';
import { useStore } from '../connection/store.ts';
import type { TimeInForce } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { Segmented } from '../display/segmented.tsx';
import { passiveMid, type Ticket } from './order-draft.ts';

interface TicketFieldsProps {
  ticket: Ticket;
  change: (part: Partial<Ticket>) => void;
  accounts: string[];
}

const TIMES_IN_FORCE: TimeInForce[] = ['GTC', 'IOC', 'FOK'];

export function TicketFields({ ticket, change, accounts }: TicketFieldsProps) {
  const id = useId();
  const { rows } = useStore(useDesk().market);
  const quote = rows.find((row) => row.quote.symbol === ticket.symbol)?.quote;
  const symbols = [...new Set(rows.map((row) => row.quote.symbol))];
  const touches = [
    ['Bid', quote?.bid_price],
    ['Mid', quote && passiveMid(String(quote.bid_price), String(quote.ask_price), ticket.side)],
    ['Ask', quote?.ask_price],
  ] as const;
  return (
    <div className="fields">
      <Segmented
        label="Side"
        value={ticket.side}
        options={[
          { value: 'BUY', label: 'Buy', tone: 'up' },
          { value: 'SELL', label: 'Sell', tone: 'down' },
        ]}
        onChange={(side) => change({ side })}
      />
      <Segmented
        label="Order type"
        value={ticket.type}
        options={[
          { value: 'LIMIT', label: 'Limit' },
          { value: 'MARKET', label: 'Market' },
        ]}
        onChange={(type) => change({ type })}
      />
      <label className="field" htmlFor={`${id}-symbol`}>
        <span>Instrument</span>
        <input
          id={`${id}-symbol`}
          name="symbol"
          list={`${id}-symbols`}
          value={ticket.symbol}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => change({ symbol: event.target.value.toUpperCase() })}
        />
        <datalist id={`${id}-symbols`}>
          {symbols.map((symbol) => (
            <option key={symbol} value={symbol} />
          ))}
        </datalist>
      </label>
      <label className="field" htmlFor={`${id}-account`}>
        <span>Account</span>
        <select
          id={`${id}-account`}
          name="account"
          value={ticket.account}
          onChange={(event) => change({ account: event.target.value })}
        >
          {accounts.length === 0 && <option value="">none known</option>}
          {accounts.map((account) => (
            <option key={account}>{account}</option>
          ))}
        </select>
      </label>
      <label className="field" htmlFor={`${id}-quantity`}>
        <span>Quantity</span>
        <input
          id={`${id}-quantity`}
          name="quantity"
          inputMode="decimal"
          autoComplete="off"
          placeholder="0.00"
          value={ticket.quantity}
          onChange={(event) => change({ quantity: event.target.value.replace(',', '.') })}
        />
      </label>
      <label className="field" htmlFor={`${id}-price`}>
        <span>Limit price</span>
        <input
          id={`${id}-price`}
          name="limit_price"
          inputMode="decimal"
          autoComplete="off"
          placeholder={ticket.type === 'MARKET' ? 'at market' : '0.00'}
          disabled={ticket.type === 'MARKET'}
          value={ticket.type === 'MARKET' ? '' : ticket.limitPrice}
          onChange={(event) => change({ limitPrice: event.target.value.replace(',', '.') })}
        />
      </label>
      <label className="field" htmlFor={`${id}-tif`}>
        <span>Time in force</span>
        <select
          id={`${id}-tif`}
          name="time_in_force"
          disabled={ticket.type === 'MARKET'}
          value={ticket.timeInForce}
          onChange={(event) => change({ timeInForce: event.target.value as TimeInForce })}
        >
          {TIMES_IN_FORCE.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <fieldset className="touches">
        <legend>Price from</legend>
        {touches.map(([label, price]) => (
          <button
            key={label}
            type="button"
            className="button small"
            disabled={ticket.type === 'MARKET' || price === null || price === undefined}
            onClick={() => change({ limitPrice: String(price) })}
          >
            {label}
          </button>
        ))}
      </fieldset>
    </div>
  );
}
