import { useEffect, useState } from 'react';
import { reasonOf } from '../connection/gateway-api.ts';
import type { OrderDraft, PreTradeDecision } from '../contract.ts';
import { useDesk } from '../desk.ts';

const DEBOUNCE_MS = 250;
/** Markets move: an answer is asked for again while the ticket stands unchanged. */
const REFRESH_MS = 4000;

export interface CheckState {
  /** The draft this answer is about; another draft on the ticket makes it outdated. */
  key: string;
  decision: PreTradeDecision | null;
  problem: string | null;
}

const NOTHING: CheckState = { key: '', decision: null, problem: null };

export function usePreTradeCheck(draft: OrderDraft | null): CheckState & { current: boolean } {
  const { api } = useDesk();
  const [state, setState] = useState<CheckState>(NOTHING);
  const key = draft ? JSON.stringify(draft) : '';

  useEffect(() => {
    if (key === '') {
      setState(NOTHING);
      return;
    }
    const abort = new AbortController();
    let timer = setTimeout(ask, DEBOUNCE_MS);
    async function ask() {
      try {
        const decision = await api.check(JSON.parse(key) as OrderDraft, abort.signal);
        if (!abort.signal.aborted) setState({ key, decision, problem: null });
      } catch (error) {
        if (abort.signal.aborted) return;
        setState({ key, decision: null, problem: reasonOf(error) });
      }
      timer = setTimeout(ask, REFRESH_MS);
    }
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [api, key]);

  return { ...state, current: key !== '' && state.key === key };
}
