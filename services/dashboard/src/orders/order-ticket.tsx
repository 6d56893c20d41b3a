import { type FormEvent, useRef, useState } from 'react';
import { GatewayProblem, newIdempotencyKey, reasonOf } from '../connection/gateway-api.ts';
import type { OrderAnswer, OrderDraft, PreTradeDecision } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { Panel } from '../display/panel.tsx';
import { CheckList } from './check-list.tsx';
import { DecisionPanel, SentOrder } from './decision-panel.tsx';
import { draftOf, type Ticket } from './order-draft.ts';
import { TicketFields } from './ticket-fields.tsx';
import { usePreTradeCheck } from './use-pre-trade-check.ts';

interface OrderTicketProps {
  ticket: Ticket;
  onChange: (part: Partial<Ticket>) => void;
  accounts: string[];
  onShowOrder: (orderId: string) => void;
}

type Sending =
  | { state: 'idle' }
  | { state: 'sending' }
  | { state: 'sent'; answer: OrderAnswer }
  | { state: 'refused'; reason: string; decision: PreTradeDecision | null };

/** One idempotency key per draft: sending the same ticket again after a lost answer cannot trade twice. */
function useSending() {
  const { api } = useDesk();
  const [sending, setSending] = useState<Sending>({ state: 'idle' });
  const pending = useRef({ draft: '', key: '' });
  const send = async (draft: OrderDraft) => {
    const text = JSON.stringify(draft);
    if (pending.current.draft !== text) pending.current = { draft: text, key: newIdempotencyKey() };
    setSending({ state: 'sending' });
    try {
      const answer = await api.send(draft, pending.current.key);
      pending.current = { draft: '', key: '' };
      setSending({ state: 'sent', answer });
    } catch (error) {
      const problem = error instanceof GatewayProblem ? error.problem : null;
      if (problem !== null && problem.status < 500) pending.current = { draft: '', key: '' };
      setSending({
        state: 'refused',
        reason: reasonOf(error),
        decision: problem?.decision ?? null,
      });
    }
  };
  return { sending, send, reset: () => setSending({ state: 'idle' }) };
}

export function OrderTicket({ ticket, onChange, accounts, onShowOrder }: OrderTicketProps) {
  const drafted = draftOf(ticket);
  const check = usePreTradeCheck(drafted.ok ? drafted.draft : null);
  const { sending, send, reset } = useSending();
  const change = (part: Partial<Ticket>) => {
    if (sending.state === 'refused') reset();
    onChange(part);
  };
  const allowed = drafted.ok && check.current && check.decision?.passed === true;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (drafted.ok && allowed && sending.state !== 'sending') void send(drafted.draft);
  };
  return (
    <Panel title="Order ticket" area="ticket">
      <form className="ticket" onSubmit={submit} aria-label="Order ticket">
        <TicketFields ticket={ticket} change={change} accounts={accounts} />
        <DecisionPanel
          check={check}
          missing={drafted.ok ? null : drafted.missing}
          onUseQuantity={(quantity) => change({ quantity })}
        />
        <button
          type="submit"
          className={`button send send-${ticket.side.toLowerCase()}`}
          disabled={!allowed || sending.state === 'sending'}
        >
          {sendLabel(ticket, sending, check.current ? check.decision : null)}
        </button>
        <div className="ticket-result">
          {sending.state === 'sent' && (
            <SentOrder
              answer={sending.answer}
              onShow={() => onShowOrder(sending.answer.order_id)}
            />
          )}
          {sending.state === 'refused' && (
            <div className="notice notice-critical" role="alert">
              Not sent: {sending.reason}
              {sending.decision && <CheckList decision={sending.decision} />}
            </div>
          )}
        </div>
      </form>
    </Panel>
  );
}

function sendLabel(ticket: Ticket, sending: Sending, decision: PreTradeDecision | null): string {
  if (sending.state === 'sending') return 'Sending…';
  if (decision && !decision.passed) return 'Blocked by pre-trade checks';
  const verb = ticket.side === 'BUY' ? 'Buy' : 'Sell';
  const at = ticket.type === 'LIMIT' && ticket.limitPrice ? ` @ ${ticket.limitPrice}` : '';
  return `${verb} ${ticket.quantity || ''} ${ticket.symbol}${at}`.replace(/\s+/g, ' ');
}
