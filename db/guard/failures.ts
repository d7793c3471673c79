import { PennyError } from '../../errors.ts';
import { ASK_VIEWS } from '../access/views.ts';
import { codeOf, databaseError } from '../client.ts';
import { nearest } from './names.ts';

// Postgres's own words can hold values of rows, so only what the statement itself says is repeated.
const MESSAGES: Record<string, string> = {
  '22003': 'A number is too large for its type. Cast to numeric before calculating.',
  '22007': "A text is no date or time. Compare dates with dates: charge_period_start >= date '2026-01-01'.",
  '22008': 'A date or time is out of range.',
  '22012': 'Something is divided by zero. Divide by nullif(x, 0).',
  '22023': 'An argument of a function is not valid.',
  '22P02': 'A text cannot be read as the type it is cast to.',
  '2201B': 'A regular expression is not valid.',
  '21000': 'A subquery used as a value returns more than one row. Aggregate it or add LIMIT 1.',
  '42702': 'A column name is ambiguous. Put the name of its table before it.',
  '42712': 'Two tables of the FROM clause have the same name. Give one of them an alias.',
  '42725': 'The types of an operator or function are ambiguous. Cast its arguments.',
  '42803': 'A column must stand in GROUP BY or inside an aggregate function.',
  '42804': 'The types of two values do not match. Cast one of them.',
  '42809':
    'A function is used in a way it is not made for: an aggregate, window or plain function in the place of another.',
  '42883':
    "There is no such function or operator for these types. Cast the arguments, for example tags ->> 'team' for text.",
  '42P10': 'An ORDER BY or DISTINCT refers to something that is not selected.',
  '42P18': 'The type of a value cannot be told. Cast it.',
  '42601': 'The statement is not complete or not in order.',
  '53200': 'The statement needs more memory than it may have. Aggregate more or narrow the period.',
  '53400': 'The statement needs more temporary space than it may have. Aggregate more or narrow the period.',
  '54001': 'The statement is nested too deeply.',
  '55P03': 'The data is being replaced at this moment. Try again in a few seconds.',
};

/** The SQLSTATEs of what the layers below the parser refuse. */
const REFUSED = new Set(['42501', '25006', '0A000', '3F000', '42P01']);

/**
 * What the person and the model are told of a failure: its code, what to change, and for a column that is not there what may have been
 * meant. The words of Postgres stay in the cause, for the log alone.
 */
export function explainFailure(error: unknown, relations: readonly string[]): unknown {
  const translated = databaseError(error);
  if (translated instanceof PennyError) return translated;
  const state = codeOf(error);
  if (state === undefined || !/^[0-9A-Z]{5}$/.test(state)) return error;
  const details = { sqlState: state };
  if (state === '42703') {
    return new PennyError('sql_failed', unknownColumn(error, relations), { details, cause: error });
  }
  if (REFUSED.has(state)) {
    const message = `The statement asks for something that is not allowed here (${state}). Read only the views of schema ask.`;
    return new PennyError('sql_refused', message, { details: { ...details, code: 'database' }, cause: error });
  }
  const message = MESSAGES[state] ?? `Postgres could not run the statement (${state}).`;
  return new PennyError('sql_failed', message, { details, cause: error });
}

/** The name stands in the statement, so it may be said. */
function unknownColumn(error: unknown, relations: readonly string[]): string {
  const name = error instanceof Error ? /column "?([\w.]+)"? does not exist/.exec(error.message)?.[1] : undefined;
  const columns = ASK_VIEWS.filter((view) => relations.includes(view.name)).flatMap((view) =>
    view.columns.map((column) => column.name),
  );
  const near = name === undefined ? [] : nearest(name.split('.').at(-1) ?? name, columns);
  const meant = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
  return `There is no column ${name === undefined ? 'of that name' : `"${name}"`}.${meant} Tags are asked for as tags ->> 'team'.`;
}
