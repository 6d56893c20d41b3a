import { useEffect, useState } from 'react';
import { ConnectionMark } from './connection/connection-mark.tsx';
import { KillSwitchButton } from './control/kill-switch.tsx';
import { LeaderMark } from './control/leader-mark.tsx';
import { QualityChip } from './display/chip.tsx';
import { Figure } from './display/figure.tsx';
import { formatUsd } from './display/format.ts';
import { toggleTheme, useTheme } from './display/theme.ts';
import { inputAges, useAccountRisk } from './risk/kpi-strip.tsx';

interface PageHeaderProps {
  accounts: string[];
  riskAccounts: string[];
  account: string | null;
  onAccount: (account: string) => void;
}

export function PageHeader({ accounts, riskAccounts, account, onAccount }: PageHeaderProps) {
  const metrics = useAccountRisk(account)?.metrics;
  return (
    <header className="page-header">
      <div className="brand">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <rect width="24" height="24" rx="5" />
          <path d="M4.5 7.5 8 16l4-9 4 9 3.5-8.5" />
        </svg>
        <h1>Cerberus</h1>
      </div>
      <ConnectionMark />
      <LeaderMark />
      <label className="fact account-choice">
        <span className="fact-label">Account</span>
        <select
          className="compact"
          value={account ?? ''}
          disabled={riskAccounts.length === 0}
          onChange={(event) => onAccount(event.target.value)}
        >
          {riskAccounts.length === 0 && <option value="">none yet</option>}
          {riskAccounts.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <div className="fact fact-portfolio" title={inputAges(metrics)}>
        <span className="fact-label">Portfolio</span>
        <span className="fact-value">
          <strong>
            <Figure
              value={metrics?.portfolio_value}
              format={formatUsd}
              reason={metrics?.reasons?.['portfolio_value'] ?? 'no risk figures received yet'}
            />
          </strong>
          {metrics && <QualityChip quality={metrics.quality} title={inputAges(metrics)} />}
        </span>
      </div>
      <div className="header-actions">
        <UtcClock />
        <ThemeButton />
        <KillSwitchButton accounts={accounts} />
      </div>
    </header>
  );
}

function UtcClock() {
  const [time, setTime] = useState(() => new Date().toISOString().slice(11, 19));
  useEffect(() => {
    const timer = setInterval(() => setTime(new Date().toISOString().slice(11, 19)), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="clock figure">
      {time} <span className="muted">UTC</span>
    </span>
  );
}

function ThemeButton() {
  const theme = useTheme();
  const label = theme === 'dark' ? 'Use the light theme' : 'Use the dark theme';
  return (
    <button
      type="button"
      className="button icon"
      aria-label={label}
      title={label}
      onClick={toggleTheme}
    >
      <svg viewBox="0 0 20 20" aria-hidden="true">
        {theme === 'dark' ? (
          <path d="M10 3V1.5M10 18.5V17M3 10H1.5M18.5 10H17M5 5 4 4M16 16l-1-1M5 15l-1 1M16 4l-1 1M10 6.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6Z" />
        ) : (
          <path d="M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5Z" />
        )}
      </svg>
    </button>
  );
}
