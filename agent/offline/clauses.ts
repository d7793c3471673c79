/** A question cut into the things it asks, in order. */
export interface Clause {
  text: string;
  /** It asks or orders something; otherwise it only tells what the rest is about. */
  asks: boolean;
  /** Which sentence of the question it stands in. */
  sentence: number;
}

const SENTENCE_END = /([.?!;]+["')\]]*)\s+|\n+/g;
const ABBREVIATION = /(?:^|[\s(])(?:vs|v|n|s|no|e\.g|i\.e|eg|ie|approx|incl|excl|st|dept|u\.s|avg|acct|est)\.$/i;

/** A further question after 'and', or after a comma. */
const QUESTION = "how|what|whats|what's|which|who|where|when|why|is|are|did|do|does|was|were";
const VERBS =
  'show|list|give|tell|find|identify|call out|recommend|suggest|optimi[sz]e|forecast|predict|explain|summari[sz]e|investigate|alert|warn|delete|stop|terminate|create|open|send|email|top \\d+|the top \\d+|(?:the |our )?(?:top|biggest|most expensive|highest|largest|cheapest|lowest) (?=\\w)|bottom \\d+|the bottom \\d+|prioriti[sz]e';
const JOINTS = [
  new RegExp(`(?:\\s*,)?\\s+(?:and|but|then|plus)(?: also| then)?\\s+(?=(?:${QUESTION}|${VERBS})\\b)`, 'gi'),
  new RegExp(`\\s*,\\s*(?:also\\s+)?(?=(?:${QUESTION}|show|list|give|tell)\\b)`, 'gi'),
  /\s+[—–-]{1,2}\s+(?=\S)/g,
];

function sentences(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(SENTENCE_END)) {
    const end = match.index + (match[1]?.length ?? 0);
    if (ABBREVIATION.test(text.slice(from, end))) continue;
    parts.push(text.slice(from, end));
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

function splitAt(text: string, joint: RegExp): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(joint)) {
    if (match.index === 0) continue;
    parts.push(text.slice(from, match.index));
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

const ASKING = new RegExp(
  `\\?\\s*$|^(?:(?:hey|hi|hello|ok|okay|please|penny|and|also|so|now|then|but)[\\s,]+)*(?:${QUESTION}|${VERBS}|can|could|would|will|should|have|has|compare|break|analy[sz]e|get|display|review|check|drill|group|sort|i want|i need|i'd like|i would like|let me|let's|tell|look|give|run|generate|make|provide|do|pull|rank|total|top|bottom|daily|monthly|weekly)\\b`,
  'i',
);
const TELLING =
  /^(?:hey |hi |so |well |ok |and )*(?:we|our|i|i'm|my|the|it|there|this|that|these|they|aws|cloud|someone|just)\b|\blooks?\b|\bseems?\b/i;

const asks = (text: string): boolean => ASKING.test(text.trim()) || !TELLING.test(text.trim());

const OWN_QUESTION = new RegExp(`^(?:(?:and|also|then|but)\\s+)?(?:${QUESTION}|${VERBS})\\b`, 'i');
/** 'For the payments team, ...' only says what the question after it is about. */
const OPENING =
  /^(?:for|in|on|during|over|within|across|of|from|since|excluding|without|including|by|as of|looking at|regarding)\b/i;
const FRAGMENT_WORDS = 4;

/** 'Top 4', 'Chart it' and 'And RDS?' say more about the clause before them and are read with it. */
function joinFragments(pieces: Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const before = joined.pop();
    if (before === undefined) joined.push(piece);
    else if (leadsIn(before.text) || isFragment(piece.text))
      joined.push({ ...before, text: `${before.text} ${piece.text}` });
    else joined.push(before, piece);
  }
  return joined;
}

const leadsIn = (text: string): boolean => OPENING.test(text) && !OWN_QUESTION.test(text);

function isFragment(text: string): boolean {
  const ranks = /^(?:top|bottom) \d+\W*$/i.test(text);
  return text.split(/\s+/).length <= FRAGMENT_WORDS && (ranks || !OWN_QUESTION.test(text));
}

interface Piece {
  text: string;
  sentence: number;
}

/** The clauses of a question; greetings and empty pieces fall away. */
export function clausesOf(question: string): Clause[] {
  const pieces = sentences(question).flatMap((text, sentence) =>
    JOINTS.reduce((parts, joint) => parts.flatMap((part) => splitAt(part, joint)), [text])
      .map((part) => ({ text: part.trim(), sentence }))
      .filter((part) => /[\p{L}\p{N}]/u.test(part.text)),
  );
  const clauses = joinFragments(pieces);
  return clauses.map((clause) => ({ ...clause, asks: clauses.length === 1 || asks(clause.text) }));
}
