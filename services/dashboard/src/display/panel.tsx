import { type ReactNode, useId } from 'react';
import { StreamMark } from '../connection/stream-mark.tsx';
import type { StreamName } from '../contract.ts';

interface PanelProps {
  title: string;
  /** Anchor and grid area. */
  area: string;
  children: ReactNode;
  /** What stands at the right of the title. */
  aside?: ReactNode;
  stream?: StreamName;
}

export function Panel({ title, area, children, aside, stream }: PanelProps) {
  const heading = useId();
  return (
    <section className="panel" id={area} style={{ gridArea: area }} aria-labelledby={heading}>
      <header className="panel-header">
        <h2 id={heading}>{title}</h2>
        {stream && <StreamMark stream={stream} />}
        <div className="panel-aside">{aside}</div>
      </header>
      <div className="panel-body">{children}</div>
    </section>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}
