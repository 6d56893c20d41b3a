import { useRef } from 'react';
import { useStore } from '../connection/store.ts';
import type { KillSwitch } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { formatTime } from '../display/format.ts';
import { KillDialog } from './kill-dialog.tsx';
import { nameOf } from './kill-scope.ts';

export function KillSwitchButton({ accounts }: { accounts: string[] }) {
  const { control } = useDesk();
  const { engaged, killProblem } = useStore(control);
  const dialog = useRef<HTMLDialogElement>(null);
  const state = engaged === null ? 'unknown' : engaged.length > 0 ? 'engaged' : 'ready';
  return (
    <>
      <button
        type="button"
        className={`button kill kill-${state}`}
        aria-haspopup="dialog"
        title={killProblem ? `State not readable: ${killProblem}` : undefined}
        onClick={() => dialog.current?.showModal()}
      >
        <span className="kill-light" aria-hidden="true" />
        Kill switch{state === 'engaged' && ' on'}
        {state !== 'engaged' && <span className="visually-hidden">: {state}</span>}
      </button>
      <KillDialog dialog={dialog} accounts={accounts} release={null} />
    </>
  );
}

/** Stands over everything while trading is stopped. */
export function KillBanner() {
  const engaged = useStore(useDesk().control, (state) => state.engaged);
  if (!engaged || engaged.length === 0) return null;
  return (
    <section className="kill-banner" aria-label="Kill switch engaged">
      {engaged.map((each) => (
        <EngagedSwitch key={`${each.scope}/${each.id}`} engaged={each} />
      ))}
    </section>
  );
}

function EngagedSwitch({ engaged }: { engaged: KillSwitch }) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <div className="kill-line">
      <strong>Trading stopped for {nameOf(engaged.scope, engaged.id)}</strong>
      <span>
        {engaged.reason ?? 'no reason given'}
        {engaged.since && ` · since ${formatTime(engaged.since)} UTC`}
        {engaged.by && ` · ${engaged.by}`}
      </span>
      <button
        type="button"
        className="button small"
        aria-haspopup="dialog"
        onClick={() => dialog.current?.showModal()}
      >
        Release…
      </button>
      <KillDialog dialog={dialog} accounts={[]} release={engaged} />
    </div>
  );
}
