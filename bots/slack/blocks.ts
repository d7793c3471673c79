import type { types } from '@slack/bolt';
import { escaped, shortened } from './text.ts';

export type Block = types.KnownBlock;

/** What Slack takes of a message: https://docs.slack.dev/reference/block-kit/blocks */
export const LIMITS = { blocks: 50, section: 3_000, fallback: 4_000, cells: 10_000, tableRows: 100, tableColumns: 20 };

/** A block of words; `words` are Slack's mrkdwn, with what others wrote escaped. */
export const section = (words: string): Block => ({
  type: 'section',
  text: { type: 'mrkdwn', text: shortened(words, LIMITS.section), verbatim: true },
});

export const context = (lines: string[]): Block => ({
  type: 'context',
  elements: lines.slice(0, 10).map((line) => ({ type: 'mrkdwn', text: shortened(line, 2_000), verbatim: true })),
});

export const header = (words: string): Block => ({
  type: 'header',
  text: { type: 'plain_text', text: shortened(words, 150), emoji: false },
});

interface ButtonOptions {
  action: string;
  label: string;
  value: string;
  style?: 'primary' | 'danger';
}

export const button = ({ action, label, value, style }: ButtonOptions): types.Button => ({
  type: 'button',
  action_id: action,
  text: { type: 'plain_text', text: shortened(label, 75), emoji: false },
  value,
  ...(style === undefined ? {} : { style }),
});

/** A label and its value, in mrkdwn. */
export const fact = (label: string, value: string): string => `*${label}*  ${escaped(value)}`;
