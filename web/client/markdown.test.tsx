import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Markdown } from './markdown.tsx';

const html = (text: string) => renderToStaticMarkup(<Markdown text={text} />);

test.each([
  ['You spent **$12.50** in `us-east-1`.', '<p>You spent <strong>$12.50</strong> in <code>us-east-1</code>.</p>'],
  ['one\ntwo\n\nthree', '<p>one<br/>two</p><p>three</p>'],
  [
    'Three:\n- a\n- **b**\n\n1. x\n2) y',
    '<p>Three:</p><ul><li>a</li><li><strong>b</strong></li></ul><ol><li>x</li><li>y</li></ol>',
  ],
  ['2 ** 3 ** 4 and a `tick', '<p>2 ** 3 ** 4 and a `tick</p>'],
  ['Up to 2026-11-23.', '<p>Up to <span class="whitespace-nowrap">2026-11-23</span>.</p>'],
  ['', ''],
])('renders %j', (text, expected) => {
  expect(html(text)).toBe(expected);
});

test.each([
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '**<b onclick=x>**',
  '[here](javascript:alert(1))',
  '![x](https://evil.example/p.png)',
])('shows %s as the characters it is made of', (text) => {
  expect(html(text)).not.toMatch(/<(img|script|a|b)\b/);
});
