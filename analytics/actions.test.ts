import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ACTIONS } from './actions.ts';

test('docs/remediations.md lists exactly the actions there are, with what they do and how they are undone', () => {
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'remediations.md'), 'utf8');
  const rows = page
    .split('| Action | Does | Undo |')[1]
    ?.split('\n\n')[0]
    ?.match(/^\| `.*$/gm);
  expect(rows).toEqual(
    [...ACTIONS].map(([name, { title, undo }]) => `| \`${name}\` | ${title} | ${undo ?? 'Nothing brings it back.'} |`),
  );
});
