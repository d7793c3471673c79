import type * as Pg from 'libpg-query';
import { Refusal } from './codes.ts';
import type { Statement } from './statement.ts';
import { as, functionName, literalNumber, literalText, open, type Tree, words } from './tree.ts';

/** Rows of one generate_series: eleven years of hours, 270 years of days. */
const MAX_ROWS = 100_000;

/** Rows of all of them side by side. */
const MAX_PRODUCT = 1_000_000;

const DAY = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY,
  week: 7 * DAY,
  // The shortest there are: a step is counted no longer than it is.
  mon: 28 * DAY,
  month: 28 * DAY,
  year: 365 * DAY,
};

/** Columns of the views that hold days and instants, and the span these are taken to lie in. */
const DATE_COLUMNS: ReadonlySet<string> = new Set([
  'as_of_date',
  'billing_period_end',
  'billing_period_start',
  'charge_period_end',
  'charge_period_start',
  'end_date',
  'first_seen_date',
  'hour',
  'last_seen_date',
  'period_end',
  'period_start',
  'start_date',
]);
const DATA: Span = { lo: Date.UTC(2020), hi: Date.UTC(2030) };

/** What now() counts as; both ends of "the last 90 days" use the same, so only distances from constants depend on it. */
const NOW: Span = { lo: Date.UTC(2030), hi: Date.UTC(2030) };

/** An instant or a length of time in milliseconds, or a number, known to lie between two values. */
interface Span {
  lo: number;
  hi: number;
}

/** Refuses series whose number of rows cannot be told from the text, or is too large. */
export function checkSeries(statement: Statement): void {
  const product = statement.series.reduce((rows, call) => rows * rowsOf(call, statement), 1);
  if (product > MAX_PRODUCT) throw tooMany(product, MAX_PRODUCT, 'all calls of generate_series together');
  if (statement.collects) statement.growth += Math.log2(product);
}

function rowsOf(call: Pg.FuncCall, statement: Statement): number {
  const [from, to, step] = call.args ?? [];
  const rows = countNumbers(from, to, step) ?? countTimes(from, to, step, statement);
  if (rows === undefined) {
    throw new Refusal(
      'unbounded',
      'How many rows generate_series makes cannot be told from its arguments.',
      "Use constants, now(), or min and max of a date column of a view, with a constant step such as interval '1 day'.",
    );
  }
  if (rows > MAX_ROWS) throw tooMany(rows, MAX_ROWS, 'generate_series');
  return Math.max(1, rows);
}

function tooMany(rows: number, limit: number, what: string): Refusal {
  return new Refusal(
    'unbounded',
    `Rows of ${what}: up to ${Math.round(rows)}; the limit is ${limit}.`,
    'Use a shorter period or a longer step.',
  );
}

function countNumbers(from?: Pg.Node, to?: Pg.Node, step?: Pg.Node): number | undefined {
  const [first, last, by] = [literalNumber(from), literalNumber(to), step === undefined ? 1 : literalNumber(step)];
  if (first === undefined || last === undefined || by === undefined) return undefined;
  return by === 0 ? Number.POSITIVE_INFINITY : Math.abs(last - first) / Math.abs(by) + 1;
}

function countTimes(
  from: Pg.Node | undefined,
  to: Pg.Node | undefined,
  step: Pg.Node | undefined,
  statement: Statement,
): number | undefined {
  const spans = new Spans(statement);
  const [first, last] = [spans.time(from), spans.time(to)];
  const by = intervalOf(step);
  if (first === undefined || last === undefined || by === undefined || by === 0) return undefined;
  return Math.max(Math.abs(last.hi - first.lo), Math.abs(first.hi - last.lo)) / Math.abs(by) + 1;
}

const both = (a: Span | undefined, b: Span | undefined): Span | undefined =>
  a && b && { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };

const moved = (span: Span | undefined, by: number | undefined, sign: number): Span | undefined =>
  span && by !== undefined ? { lo: span.lo + sign * by, hi: span.hi + sign * by } : undefined;

/** Finds between which instants an expression lies; undefined where that cannot be told. */
class Spans {
  readonly statement: Statement;
  /** The names being looked up: a name that leads back to itself adds nothing. */
  readonly open = new Set<string>();

  constructor(statement: Statement) {
    this.statement = statement;
  }

  time(node: Pg.Node | undefined): Span | undefined {
    const text = literalText(node);
    if (text !== undefined) return instantOf(text);
    const [tag, body] = (node && open(node as Tree)) ?? ['', {}];
    const read = Object.hasOwn(READERS, tag) ? READERS[tag as keyof typeof READERS] : undefined;
    return (read as ((body: Tree, spans: Spans) => Span | undefined) | undefined)?.(body, this);
  }

  all(nodes: Pg.Node[] | undefined): Span | undefined {
    const spans = (nodes ?? []).map((node) => this.time(node));
    return spans.slice(1).reduce(both, spans[0]);
  }

  column(name: string): Span | undefined {
    const { outputs, opaque, functionColumns } = this.statement;
    if (opaque.has(name)) return undefined;
    const behind = outputs.get(name) ?? [];
    const calls = functionColumns.get(name) ?? [];
    const found: (Span | undefined)[] = DATE_COLUMNS.has(name) ? [DATA] : [];
    if (found.length + behind.length + calls.length === 0) return undefined;
    if (this.open.has(name)) return found[0] ?? { lo: Number.POSITIVE_INFINITY, hi: Number.NEGATIVE_INFINITY };
    this.open.add(name);
    found.push(...behind.map((node) => this.time(node)), ...calls.map((call) => this.call(call)));
    this.open.delete(name);
    return found.slice(1).reduce(both, found[0]);
  }

  call(call: Pg.FuncCall): Span | undefined {
    const args = call.args ?? [];
    const name = functionName(call);
    if (/^(now|statement_timestamp|transaction_timestamp)$/.test(name)) return NOW;
    if (/^(min|max|date|any_value)$/.test(name)) return this.time(args[0]);
    if (name === 'generate_series') return both(this.time(args[0]), this.time(args[1]));
    if (name === 'timezone') return widened(this.time(args[1]), DAY);
    if (name === 'date_trunc') {
      const unit = literalText(args[0])?.replace(/s$/, '') ?? '';
      return widened(this.time(args[1]), unit === 'quarter' ? 92 * DAY : (UNIT_MS[unit] ?? Number.NaN) + 3 * DAY);
    }
    if (name === 'make_date') {
      const [year, month, day] = args.map(literalNumber);
      return year === undefined || month === undefined || day === undefined
        ? undefined
        : pointOf(Date.UTC(year, month - 1, day));
    }
    return undefined;
  }
}

const pointOf = (instant: number): Span | undefined =>
  Number.isFinite(instant) ? { lo: instant, hi: instant } : undefined;

const widened = (span: Span | undefined, by: number): Span | undefined =>
  span && Number.isFinite(by) ? { lo: span.lo - by, hi: span.hi + by } : undefined;

/** The expressions whose span is known, by their node. */
const READERS = {
  ColumnRef: (reference: Pg.ColumnRef, spans: Spans) => spans.column(words(reference.fields).at(-1) ?? ''),
  FuncCall: (call: Pg.FuncCall, spans: Spans) => spans.call(call),
  SQLValueFunction: ({ op = '' }: { op?: string }) => (/CURRENT_DATE|TIMESTAMP/.test(op) ? NOW : undefined),
  CoalesceExpr: ({ args }: Pg.CoalesceExpr, spans: Spans) => spans.all(args),
  MinMaxExpr: ({ args }: Pg.MinMaxExpr, spans: Spans) => spans.all(args),
  TypeCast: ({ arg, typeName }: Pg.TypeCast, spans: Spans) =>
    /^(date|timestamp|timestamptz)$/.test(words(typeName?.names).at(-1) ?? '') && typeName?.arrayBounds === undefined
      ? widened(spans.time(arg), as(arg, 'A_Const') ? 0 : DAY)
      : undefined,
  A_Expr: ({ kind, name, lexpr, rexpr }: Pg.A_Expr, spans: Spans) => {
    const sign = { '+': 1, '-': -1 }[words(name)[0] ?? ''];
    if (kind !== 'AEXPR_OP' || sign === undefined) return undefined;
    const days = literalNumber(rexpr);
    return moved(spans.time(lexpr), days === undefined ? intervalOf(rexpr, true) : days * DAY, sign);
  },
  SubLink: ({ subLinkType, subselect }: Pg.SubLink, spans: Spans) => {
    const select = as<Pg.SelectStmt>(subselect, 'SelectStmt');
    if (subLinkType !== 'EXPR_SUBLINK' || select?.op !== 'SETOP_NONE') return undefined;
    return spans.time(as<Pg.ResTarget>(select.targetList?.[0], 'ResTarget')?.val);
  },
};

/** Only dates as ISO 8601 writes them: 'infinity', 'tomorrow' and years of five digits are no bounds. */
function instantOf(text: string): Span | undefined {
  const match = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})([ T][\d:.]+)?\s*(Z|UTC|[+-]\d{1,2}(:?\d{2})?)?\s*$/.exec(text);
  if (match === null) return undefined;
  return widened(pointOf(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]))), match[4] ? DAY : 0);
}

/**
 * Returns the length in milliseconds of a constant interval of which all parts have one sign; the longest it can be when it
 * is added to a date, else the shortest. Undefined for what cannot be told.
 */
function intervalOf(node: Pg.Node | undefined, longest = false): number | undefined {
  const call = as<Pg.FuncCall>(node, 'FuncCall');
  if (call !== undefined) return functionName(call) === 'make_interval' ? madeInterval(call, longest) : undefined;
  const product = as<Pg.A_Expr>(node, 'A_Expr');
  if (product?.kind === 'AEXPR_OP' && words(product.name)[0] === '*') {
    const [left, right] = [literalNumber(product.lexpr), literalNumber(product.rexpr)];
    const interval = intervalOf(left === undefined ? product.lexpr : product.rexpr, longest);
    const times = left ?? right;
    return interval === undefined || times === undefined ? undefined : interval * times;
  }
  const cast = as<Pg.TypeCast>(node, 'TypeCast');
  if (cast !== undefined && words(cast.typeName?.names).at(-1) !== 'interval') return undefined;
  // interval '1' day: the unit stands in a modifier, as a set of bits.
  const unit = UNIT_BITS[literalNumber(cast?.typeName?.typmods?.[0]) ?? -1];
  if (cast?.typeName?.typmods !== undefined && unit === undefined) return undefined;
  const text = literalText(cast === undefined ? node : cast.arg);
  return text === undefined ? undefined : parsedInterval(unit === undefined ? text : `${text.trim()} ${unit}`, longest);
}

const UNIT_BITS: Readonly<Record<number, string>> = {
  2: 'month',
  4: 'year',
  8: 'day',
  1024: 'hour',
  2048: 'minute',
  4096: 'second',
};

function parsedInterval(text: string, longest: boolean): number | undefined {
  const parts = [...text.matchAll(/\s*([+-]?\d+(?:\.\d+)?)\s*([a-z]+?)s?(?=\s|$)/giy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.trimEnd()) return undefined;
  return summed(
    parts.map(([, count, unit = '']) => [Number(count), unit.toLowerCase()]),
    longest,
  );
}

function madeInterval(call: Pg.FuncCall, longest: boolean): number | undefined {
  const parts = (call.args ?? []).map((arg): [number, string] => {
    const named = as<Pg.NamedArgExpr>(arg, 'NamedArgExpr');
    return [literalNumber(named?.arg) ?? Number.NaN, (named?.name ?? '').replace(/s$/, '').replace('min', 'minute')];
  });
  return summed(parts, longest);
}

function summed(parts: [number, string][], longest: boolean): number | undefined {
  const lengths = parts.map(([count, unit]) => count * (UNIT_MS[unit] ?? Number.NaN) * (longest ? 1.12 : 1));
  const sum = lengths.reduce((total, length) => total + length, 0);
  const mixed = lengths.some((length) => length < 0) && lengths.some((length) => length > 0);
  return mixed || !Number.isFinite(sum) ? undefined : sum;
}
