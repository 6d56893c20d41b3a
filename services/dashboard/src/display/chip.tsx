import type { ReactNode } from 'react';
import type { Quality } from '../contract.ts';
import type { Tone } from './figure.tsx';

export function Chip(props: { tone: Tone; children: ReactNode; title?: string | undefined }) {
  return (
    <span className={`chip chip-${props.tone}`} title={props.title}>
      {props.children}
    </span>
  );
}

const QUALITY_TONES: Record<Quality, Tone> = {
  ok: 'up',
  degraded: 'warning',
  untrusted: 'critical',
};

export function QualityChip({ quality, title }: { quality: Quality; title?: string | undefined }) {
  return (
    <Chip tone={QUALITY_TONES[quality] ?? 'warning'} title={title ?? `Data quality: ${quality}`}>
      {quality}
    </Chip>
  );
}

/** In tables only what is not in order takes room. */
export function QualityMark({ quality }: { quality: Quality }) {
  if (quality === 'ok') return null;
  return (
    <span
      className={`quality-mark tone-${QUALITY_TONES[quality] ?? 'warning'}`}
      title={`Data quality: ${quality}`}
    >
      <span aria-hidden="true">●</span>
      <span className="visually-hidden">{quality}</span>
    </span>
  );
}
