import { useStore } from '../connection/store.ts';
import type { OrderAnswer, PreTradeDecision } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { Chip } from '../display/chip.tsx';
import { formatName, formatPrice, formatQuantity, numberOf } from '../display/format.ts';
import { CheckList, RiskImpact } from './check-list.tsx';
import { statusTone } from './order-status.ts';
import type { CheckState } from './use-pre-trade-check.ts';

interface DecisionPanelProps {
  check: CheckState & { current: boolean };
  missing: string | null;
  onUseQuantity: (quantity: string) => void;
}

/** The gate's answer to the ticket as it stands, before anything is sent. */
export function DecisionPanel({ check, missing, onUseQuantity }: DecisionPanelProps) {
  const { decision, problem } = check;
  const outdated = missing === null && !check.current;
  return (
    <div className={`decision${outdated ? ' outdated' : ''}`} aria-busy={outdated}>
      {missing !== null ? (
        <div className="unchecked">
          <p>{missing}</p>
          <p className="muted">
            Every check of the gate is shown here, with its value and limit, before anything is
            sent.
          </p>
        </div>
      ) : problem !== null ? (
        <p className="notice notice-critical">Cannot check: {problem}</p>
      ) : decision === null ? (
        <p className="empty">Checking…</p>
      ) : (
        <>
          <Verdict decision={decision} onUseQuantity={onUseQuantity} />
          <CheckList decision={decision} />
          <RiskImpact decision={decision} />
        </>
      )}
    </div>
  );
}

function Verdict(props: { decision: PreTradeDecision; onUseQuantity: (quantity: string) => void }) {
  const { decision, onUseQuantity } = props;
  const reference = numberOf(decision.reference_price);
  const largest = decision.max_quantity ?? null;
  return (
    <p className="verdict">
      <span aria-live="polite">
        {decision.passed ? (
          <Chip tone={decision.warnings.length > 0 ? 'warning' : 'up'}>
            {decision.warnings.length > 0 ? 'Pass with warnings' : 'Pass'}
          </Chip>
        ) : (
          <Chip tone="critical">Blocked · {decision.blocks.length}</Chip>
        )}
      </span>
      {reference !== null && (
        <span className="muted">
          ref <span className="figure">{formatPrice(reference)}</span>
        </span>
      )}
      {largest !== null && Number(largest) > 0 && (
        <button
          type="button"
          className="link"
          onClick={() => onUseQuantity(String(largest))}
          title="Use the largest quantity the limits allow"
        >
          max <span className="figure">{formatQuantity(largest)}</span>
        </button>
      )}
      {decision.elapsed_us != null && (
        <span className="muted figure verdict-time">{Math.round(decision.elapsed_us)} µs</span>
      )}
    </p>
  );
}

/** The fate of the order just sent, followed on the stream. */
export function SentOrder({ answer, onShow }: { answer: OrderAnswer; onShow: () => void }) {
  const order = useStore(useDesk().orders, (state) =>
    state.orders.find((each) => each.order_id === answer.order_id),
  );
  const status = order?.status ?? answer.status;
  return (
    <p className="sent" role="status">
      <Chip tone={statusTone(status)}>{formatName(status)}</Chip>
      <span className="muted">Order</span> <code>{answer.order_id}</code>
      <button type="button" className="link" onClick={onShow}>
        Journey
      </button>
    </p>
  );
}
