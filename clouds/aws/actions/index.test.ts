import { expect, test } from 'vitest';
import { ACTIONS } from '../../../analytics/actions.ts';
import { AWS_ACTIONS } from './index.ts';

const actions = AWS_ACTIONS.map((action) =>
  action(() => {
    throw new Error('nothing is called here');
  }),
);

test('every action that may be proposed is there, and no other', () => {
  expect(actions.map(({ name }) => name).sort()).toEqual([...ACTIONS.keys()].sort());
});

test('an action can be undone exactly when people are told so', () => {
  for (const { name, undo, isUndone } of actions) {
    const says = ACTIONS.get(name)?.undo !== null;
    expect([name, undo !== undefined, isUndone !== undefined]).toEqual([name, says, says]);
  }
});
