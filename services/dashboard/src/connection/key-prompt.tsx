import { type FormEvent, useState } from 'react';

interface KeyPromptProps {
  refused: boolean;
  onKey: (key: string) => void;
}

/** Asked where the gateway does not hand the key over itself, that is anywhere but on loopback. */
export function KeyPrompt({ refused, onKey }: KeyPromptProps) {
  const [key, setKey] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() !== '') onKey(key.trim());
  };
  return (
    <main className="key-prompt">
      <form className="panel" onSubmit={submit}>
        <h1>Cerberus</h1>
        <p className="muted">
          This page was not opened on the gateway's own machine. Enter its API key; it is kept for
          this tab only.
        </p>
        <label className="field" htmlFor="api-key">
          <span>API key</span>
          <input
            id="api-key"
            type="password"
            autoComplete="off"
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        {refused && (
          <p className="notice notice-critical" role="alert">
            The gateway refused that key.
          </p>
        )}
        <button type="submit" className="button primary" disabled={key.trim() === ''}>
          Connect
        </button>
      </form>
    </main>
  );
}
