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

const QUALITY_TONES: Record<string, Tone> = {
  ok: 'up',
  degraded: 'warning',
  untrusted: 'critical',
};

function toneOf(quality: Quality): Tone {
  return QUALITY_TONES[quality.toLowerCase()] ?? 'warning';
}

export function QualityChip({ quality, title }: { quality: Quality; title?: string | undefined }) {
  return (
    <Chip tone={toneOf(quality)} title={title ?? `Data quality: ${quality}`}>
      {quality.toLowerCase()}
    </Chip>
  );
}

/** In tables only what is not in order takes room. */
export function QualityMark({ quality }: { quality: Quality }) {
  if (toneOf(quality) === 'up') return null;
  return (
    <span className={`quality-mark tone-${toneOf(quality)}`} title={`Data quality: ${quality}`}>
      <span aria-hidden="true">●</span>
      <span className="visually-hidden">{quality}</span>
    </span>
  );
}
