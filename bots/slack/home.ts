import { type Block, context, header, section } from './blocks.ts';
import type { SlackOptions } from './options.ts';
import { howToBeLinked, type Person, personOf } from './questions.ts';
import { cardOf, renderCard } from './render-remediation.ts';
import { escaped } from './text.ts';

const PROPOSALS_SHOWN = 10;

/** Returns the Home tab of a person: what waits for a decision, and what to ask. */
export async function homeOf(options: SlackOptions, person: Person): Promise<{ type: 'home'; blocks: Block[] }> {
  const principal = await personOf(options, person);
  if (principal === undefined) return { type: 'home', blocks: [header('Penny'), section(howToBeLinked(person))] };
  const { items, nextCursor } = await options.decisions.list(principal, { state: 'pending', limit: PROPOSALS_SHOWN });
  const now = options.now();
  const open = items.filter(({ expiresAt }) => expiresAt > now);
  const mayDecide = principal.role === 'approver' || principal.role === 'admin';
  const cards = open.flatMap((remediation) => {
    const canDecide = mayDecide && remediation.requestedById !== principal.userId;
    return [...renderCard(cardOf(remediation, now), canDecide).blocks, { type: 'divider' } satisfies Block];
  });
  const questions = (await options.assistant.suggestQuestions(principal)).slice(0, 3);
  return {
    type: 'home',
    blocks: [
      header('Waiting for a decision'),
      ...(cards.length > 0 ? cards : [section('Nothing waits.')]),
      ...(nextCursor === undefined ? [] : [context(['There are more; the web lists all of them.'])]),
      header('Ask me'),
      section(questions.map((question) => `• ${escaped(question)}`).join('\n') || 'Ask what the cloud costs, and why.'),
      context([`You are ${escaped(principal.email)}, ${principal.role}.`]),
    ],
  };
}
