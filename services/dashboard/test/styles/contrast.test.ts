import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const CSS = readFileSync(new URL('../../src/styles/tokens.css', import.meta.url), 'utf8');
const LEAST_CONTRAST = 4.5;

function themeOf(selector: string): Map<string, string> {
  const block = CSS.slice(CSS.indexOf(`${selector} {`)).split('}')[0] ?? '';
  return new Map(
    [...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [
      name ?? '',
      value ?? '',
    ]),
  );
}

type Rgb = [number, number, number];

/** A colour as painted: translucent ones over the given ground. */
function rgb(text: string, ground: Rgb): Rgb {
  const hex = /^#(..)(..)(..)$/.exec(text);
  if (hex) return hex.slice(1).map((part) => Number.parseInt(part, 16)) as Rgb;
  const [red = 0, green = 0, blue = 0, percent = 100] = [...text.matchAll(/\d+/g)].map(Number);
  const alpha = percent / 100;
  return [red, green, blue].map((each, i) => each * alpha + (ground[i] ?? 0) * (1 - alpha)) as Rgb;
}

/** WCAG 2.2, definitions of relative luminance and contrast ratio. */
function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((each) => {
    const share = each / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Rgb, other: Rgb): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const TEXTS = ['text', 'text-muted', 'accent', 'up', 'down', 'warning', 'critical', 'second'];
const GROUNDS = ['panel', 'page', 'raised'];
const TINTED = ['up', 'warning', 'critical', 'accent', 'down'];

describe.each([':root', ':root[data-theme="dark"]'])('colours of %s', (selector) => {
  const theme = themeOf(selector);
  const panel = rgb(theme.get('panel') ?? '', [0, 0, 0]);
  const colour = (name: string) => rgb(theme.get(name) ?? '', panel);

  test.each(TEXTS.flatMap((text) => GROUNDS.map((ground) => [text, ground])))(
    '%s on %s',
    (text, ground) => {
      expect(contrast(colour(text as string), colour(ground as string))).toBeGreaterThanOrEqual(
        LEAST_CONTRAST,
      );
    },
  );

  test.each(TINTED)('%s on its own tint', (name) => {
    expect(contrast(colour(name), colour(`${name}-soft`))).toBeGreaterThanOrEqual(LEAST_CONTRAST);
  });

  test.each(['critical-fill', 'up-fill'])('white on %s', (name) => {
    expect(contrast([255, 255, 255], colour(name))).toBeGreaterThanOrEqual(LEAST_CONTRAST);
  });

  test('what stands on the accent', () => {
    expect(contrast(colour('on-accent'), colour('accent'))).toBeGreaterThanOrEqual(LEAST_CONTRAST);
  });
});
