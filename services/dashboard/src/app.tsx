import { useCallback, useEffect, useMemo, useState } from 'react';
import { AlertsPanel, CriticalAlert } from './alerts/alerts-panel.tsx';
import { forgetKey, injectedKey, storedKey, storeKey } from './connection/credentials.ts';
import { KeyPrompt } from './connection/key-prompt.tsx';
import { useStore } from './connection/store.ts';
import { FIRM_ID } from './contract.ts';
import { KillBanner } from './control/kill-switch.tsx';
import { createDesk, DeskProvider, useDesk } from './desk.ts';
import { InstrumentPanel } from './market/instrument-panel.tsx';
import { QuotesPanel } from './market/quotes-panel.tsx';
import { BlotterPanel } from './orders/blotter-panel.tsx';
import { ExecutionsPanel } from './orders/executions-panel.tsx';
import type { Ticket } from './orders/order-draft.ts';
import { OrderTicket } from './orders/order-ticket.tsx';
import { TcaPanel } from './orders/tca-panel.tsx';
import { PageHeader } from './page-header.tsx';
import { GreeksPanel } from './positions/greeks-panel.tsx';
import { PositionsPanel } from './positions/positions-panel.tsx';
import { KpiStrip } from './risk/kpi-strip.tsx';
import { VarPanel } from './risk/var-panel.tsx';

export function App() {
  const [key, setKey] = useState(() => injectedKey() ?? storedKey());
  const [refused, setRefused] = useState(false);
  const desk = useMemo(
    () =>
      key === null
        ? null
        : createDesk(key, () => {
            forgetKey();
            setRefused(true);
            setKey(null);
          }),
    [key],
  );
  useEffect(() => {
    desk?.start();
    return () => desk?.stop();
  }, [desk]);
  const useKey = (given: string) => {
    storeKey(given);
    setRefused(false);
    setKey(given);
  };
  if (desk === null) return <KeyPrompt refused={refused} onKey={useKey} />;
  return (
    <DeskProvider value={desk}>
      <Desktop />
    </DeskProvider>
  );
}

/** Accounts that orders can be placed on: those with positions or risk, the firm's total left out. */
function useAccounts(): { accounts: string[]; riskAccounts: string[] } {
  const desk = useDesk();
  const risk = useStore(desk.risk, (state) => Object.keys(state).sort().join('\n'));
  const held = useStore(desk.positions, (state) =>
    [...new Set(state.positions.map((each) => each.account_id))].sort().join('\n'),
  );
  return useMemo(() => {
    const riskAccounts = risk === '' ? [] : risk.split('\n');
    const all = new Set([...riskAccounts, ...(held === '' ? [] : held.split('\n'))]);
    all.delete(FIRM_ID);
    return { accounts: [...all].sort(), riskAccounts };
  }, [risk, held]);
}

/** What the desk holds is looked at first: the first position that is quoted, else the first quote. */
function useFirstSymbol(): string | null {
  const desk = useDesk();
  const held = useStore(desk.positions, (state) => state.positions);
  return useStore(desk.market, ({ rows }) => {
    const quoted = new Set(rows.map((row) => row.quote.symbol));
    const first = held.find((each) => quoted.has(each.symbol));
    return first?.symbol ?? rows[0]?.quote.symbol ?? null;
  });
}

const BLANK_TICKET: Ticket = {
  account: '',
  symbol: '',
  side: 'BUY',
  type: 'LIMIT',
  quantity: '',
  limitPrice: '',
  timeInForce: 'GTC',
};

function Desktop() {
  const { accounts, riskAccounts } = useAccounts();
  const [chosenAccount, setChosenAccount] = useState<string | null>(null);
  const [chosenSymbol, setChosenSymbol] = useState<string | null>(null);
  const [typed, setTyped] = useState<Partial<Ticket>>({});
  const [expanded, setExpanded] = useState<string | null>(null);
  const firstSymbol = useFirstSymbol();

  const account =
    chosenAccount ?? (riskAccounts.includes(FIRM_ID) ? FIRM_ID : (riskAccounts[0] ?? null));
  const symbol = chosenSymbol ?? firstSymbol;
  const ticket: Ticket = {
    ...BLANK_TICKET,
    account: accounts[0] ?? '',
    symbol: symbol ?? '',
    ...typed,
  };
  const changeTicket = useCallback(
    (part: Partial<Ticket>) => setTyped((current) => ({ ...current, ...part })),
    [],
  );
  const select = useCallback((next: string) => {
    setChosenSymbol(next);
    setTyped((current) => ({ ...current, symbol: next, limitPrice: '' }));
  }, []);
  const positionsAccount = account === FIRM_ID ? null : account;
  return (
    <>
      <a className="skip" href="#ticket">
        Skip to the order ticket
      </a>
      <PageHeader
        accounts={accounts}
        riskAccounts={riskAccounts}
        account={account}
        onAccount={setChosenAccount}
      />
      <KillBanner />
      <main className="desk" data-ready={account !== null}>
        <KpiStrip account={account} />
        <QuotesPanel selected={symbol} onSelect={select} />
        <InstrumentPanel selected={symbol} />
        <OrderTicket
          ticket={ticket}
          onChange={changeTicket}
          accounts={accounts}
          onShowOrder={setExpanded}
        />
        <PositionsPanel account={positionsAccount} />
        <VarPanel account={account} />
        <GreeksPanel account={positionsAccount} />
        <BlotterPanel expanded={expanded} onExpand={setExpanded} />
        <AlertsPanel />
        <ExecutionsPanel />
        <TcaPanel chosen={expanded} onChoose={setExpanded} />
      </main>
      <SectionBar />
      <CriticalAlert />
    </>
  );
}

const SECTIONS = [
  ['risk', 'Risk'],
  ['quotes', 'Markets'],
  ['ticket', 'Ticket'],
  ['positions', 'Book'],
  ['blotter', 'Orders'],
  ['alerts', 'Alerts'],
] as const;

/** On a telephone the page is long: its parts are one touch away. */
function SectionBar() {
  return (
    <nav className="section-bar" aria-label="Sections">
      {SECTIONS.map(([id, label]) => (
        <a key={id} href={`#${id}`}>
          {label}
        </a>
      ))}
    </nav>
  );
}
