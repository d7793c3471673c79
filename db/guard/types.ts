/**
 * The types a statement may name. Not on the list, among others: the reg* types, which look names up in the catalogs; xml;
 * oid; name; "char"; bit, whose length makes a value of any size; and every type of a schema.
 */
export const TYPES: ReadonlySet<string> = new Set([
  'bool',
  'boolean',
  'bpchar',
  'date',
  'daterange',
  'decimal',
  'float4',
  'float8',
  'int2',
  'int4',
  'int8',
  'interval',
  'json',
  'jsonb',
  'numeric',
  'text',
  'time',
  'timestamp',
  'timestamptz',
  'tstzrange',
  'uuid',
  'varchar',
]);

/** A char(n) is filled up with blanks. */
export const MAX_CHAR_LENGTH = 255;

/** The operators a statement may use, for numbers, text, dates, arrays and jsonb alike. No jsonpath, no text search. */
export const OPERATORS: ReadonlySet<string> = new Set(
  ['+ - * / % ^ = <> != < > <= >= ||', '~ ~* !~ !~* ~~ ~~* !~~ !~~*', '-> ->> #> #>> @> <@ ? ?| ?& &&'].flatMap(
    (line) => line.split(' '),
  ),
);

/** What stands for the date and time; the others of its kind tell who is connected to what. */
export const VALUE_FUNCTIONS: ReadonlySet<string> = new Set([
  'SVFOP_CURRENT_DATE',
  'SVFOP_CURRENT_TIME',
  'SVFOP_CURRENT_TIMESTAMP',
  'SVFOP_LOCALTIME',
  'SVFOP_LOCALTIMESTAMP',
  'SVFOP_CURRENT_TIME_N',
  'SVFOP_CURRENT_TIMESTAMP_N',
  'SVFOP_LOCALTIME_N',
  'SVFOP_LOCALTIMESTAMP_N',
]);
