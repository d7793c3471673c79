import { expect, test } from 'vitest';
import { QUESTION_MAX_CHARS as AGENT_MAX_CHARS } from '../agent/ask.ts';
import { QUESTION_MAX_CHARS } from './limits.ts';

test('the page counts down to the same length that the agent takes', () => {
  expect(QUESTION_MAX_CHARS).toBe(AGENT_MAX_CHARS);
});
