import { type FormEvent, type RefObject, useId, useState } from 'react';
import { reasonOf } from '../connection/gateway-api.ts';
import { FIRM_ID, type KillRequest, type KillScope, type KillSwitch } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { Segmented } from '../display/segmented.tsx';
import { nameOf } from './kill-scope.ts';

interface KillDialogProps {
  dialog: RefObject<HTMLDialogElement | null>;
  accounts: string[];
  /** The switch to release; null to engage one. */
  release: KillSwitch | null;
}

interface Form {
  scope: KillScope;
  account: string;
  reason: string;
  cancelOpen: boolean;
}

const BLANK: Form = { scope: 'firm', account: '', reason: '', cancelOpen: true };

function requestOf(form: Form, accounts: string[], release: KillSwitch | null): KillRequest {
  const account = form.account || (accounts[0] ?? '');
  return {
    scope: (release?.scope as KillScope | undefined) ?? form.scope,
    id: release?.id ?? (form.scope === 'firm' ? FIRM_ID : account),
    reason: form.reason.trim(),
    cancel_open: release === null && form.cancelOpen,
  };
}

/** Two steps: what and why, then the same said back and confirmed. */
export function KillDialog({ dialog, accounts, release }: KillDialogProps) {
  const { api, refreshControl } = useDesk();
  const heading = useId();
  const [form, setForm] = useState(BLANK);
  const [confirming, setConfirming] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const request = requestOf(form, accounts, release);

  const close = () => {
    dialog.current?.close();
    setForm(BLANK);
    setConfirming(false);
    setProblem(null);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!confirming) {
      setConfirming(true);
      return;
    }
    setBusy(true);
    try {
      await (release ? api.release(request) : api.engage(request));
      await refreshControl();
      close();
    } catch (error) {
      setProblem(reasonOf(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={heading} onClose={close}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id={heading}>{release ? 'Release kill switch' : 'Engage kill switch'}</h2>
        {confirming ? (
          <Confirmation request={request} releasing={release !== null} />
        ) : (
          <KillFields form={form} setForm={setForm} accounts={accounts} release={release} />
        )}
        {problem && (
          <p className="notice notice-critical" role="alert">
            {problem}
          </p>
        )}
        <div className="dialog-actions">
          <button
            type="button"
            className="button"
            onClick={confirming ? () => setConfirming(false) : close}
          >
            {confirming ? 'Back' : 'Cancel'}
          </button>
          <button
            type="submit"
            className={`button ${release ? 'primary' : 'danger'}`}
            disabled={busy || request.reason === '' || request.id === ''}
          >
            {actionLabel(release !== null, confirming, busy)}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function actionLabel(releasing: boolean, confirming: boolean, busy: boolean): string {
  if (busy) return releasing ? 'Releasing…' : 'Stopping…';
  if (!confirming) return 'Continue';
  return releasing ? 'Release and allow trading' : 'Stop trading now';
}

function Confirmation({ request, releasing }: { request: KillRequest; releasing: boolean }) {
  return (
    <div className="confirmation">
      <p>
        {releasing
          ? 'New orders will be allowed again for '
          : 'Every new order will be refused for '}
        <strong>{nameOf(request.scope, request.id)}</strong>
        {request.cancel_open && ' and all open orders will be cancelled'}.
      </p>
      <p className="muted">Reason: {request.reason}</p>
    </div>
  );
}

function KillFields(props: {
  form: Form;
  setForm: (form: Form) => void;
  accounts: string[];
  release: KillSwitch | null;
}) {
  const { form, setForm, accounts, release } = props;
  const id = useId();
  return (
    <div className="dialog-fields">
      {release ? (
        <p>
          Trading is stopped for <strong>{nameOf(release.scope, release.id)}</strong>.
        </p>
      ) : (
        <>
          <Segmented
            label="Scope"
            value={form.scope}
            options={[
              { value: 'firm', label: 'Whole firm' },
              { value: 'account', label: 'One account' },
            ]}
            onChange={(scope) => setForm({ ...form, scope })}
          />
          <label className="field" htmlFor={`${id}-account`}>
            <span>Account</span>
            <select
              id={`${id}-account`}
              disabled={form.scope === 'firm'}
              value={form.account || (accounts[0] ?? '')}
              onChange={(event) => setForm({ ...form, account: event.target.value })}
            >
              {accounts.map((account) => (
                <option key={account}>{account}</option>
              ))}
            </select>
          </label>
          <label className="checkbox">
            <input
              type="checkbox"
              checked={form.cancelOpen}
              onChange={(event) => setForm({ ...form, cancelOpen: event.target.checked })}
            />
            Cancel open orders too
          </label>
        </>
      )}
      <label className="field" htmlFor={`${id}-reason`}>
        <span>Reason (kept in the audit record)</span>
        <input
          id={`${id}-reason`}
          name="reason"
          required
          maxLength={200}
          autoComplete="off"
          value={form.reason}
          onChange={(event) => setForm({ ...form, reason: event.target.value })}
        />
      </label>
    </div>
  );
}
