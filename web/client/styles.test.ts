import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const css = readFileSync(fileURLToPath(new URL('./styles.css', import.meta.url)), 'utf8');
const roles = new Map(
  [...css.matchAll(/--([a-z-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name = '', light = '', dark = '']) => [
    name,
    { light, dark },
  ]),
);

/** WCAG 2.2, contrast ratio of two sRGB colours: 4.5 for text (1.4.3), 3 for the edges of fields (1.4.11). */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const grounds = ['paper', 'rail', 'surface', 'sunken', 'accent-soft'];
const pairs: [string, string[], number][] = [
  ['ink', [...grounds, 'info-soft', 'warn-soft', 'bad-soft'], 4.5],
  ['soft', ['paper', 'rail', 'surface', 'sunken', 'bad-soft'], 4.5],
  ['accent', ['paper', 'surface', 'accent-soft'], 4.5],
  ['on-accent', ['accent', 'accent-strong'], 4.5],
  ['paper', ['ink'], 4.5],
  ['info', ['info-soft'], 4.5],
  ['warn', ['warn-soft'], 4.5],
  ['bad', ['bad-soft', 'surface', 'paper'], 4.5],
  ['good', ['surface', 'paper'], 4.5],
  ['line-strong', ['surface', 'paper'], 3],
];

test.each(pairs.flatMap(([front, backs, least]) => backs.map((back) => [front, back, least] as const)))(
  '%s on %s has a contrast of at least %d, light and dark',
  (front, back, least) => {
    for (const theme of ['light', 'dark'] as const) {
      const ratio = contrast(roles.get(front)?.[theme] ?? '', roles.get(back)?.[theme] ?? '');
      expect(ratio, theme).toBeGreaterThanOrEqual(least);
    }
  },
);
