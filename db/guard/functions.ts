/**
 * The functions a statement may call, all of them in pg_catalog. None writes, waits, reads files, settings or catalogs,
 * runs SQL given as text, or gives a different answer each time; a test walks pg_proc of a real server to hold that. What a
 * call of them may cost is bounded in growth.ts, patterns.ts and series.ts.
 */
const BY_KIND = {
  aggregates: [
    'any_value array_agg avg bool_and bool_or corr count covar_pop covar_samp every json_agg json_object_agg',
    'jsonb_agg jsonb_object_agg max min mode percentile_cont percentile_disc stddev stddev_pop stddev_samp string_agg',
    'sum var_pop var_samp variance regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy',
    'regr_syy',
  ],
  windows: ['cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number'],
  numbers: ['abs cbrt ceil ceiling div exp floor ln log log10 mod power round sign sqrt trunc trim_scale width_bucket'],
  dates: [
    'age date date_add date_bin date_part date_subtract date_trunc extract isfinite justify_days justify_hours',
    'justify_interval make_date make_interval make_time make_timestamp make_timestamptz now overlaps',
    'statement_timestamp timezone to_char to_date to_number to_timestamp transaction_timestamp',
  ],
  text: [
    'ascii btrim char_length character_length chr concat concat_ws format initcap left length like_escape lower lpad',
    'ltrim md5 octet_length overlay position regexp_count regexp_instr regexp_like regexp_match regexp_matches',
    'regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr replace reverse right rpad rtrim',
    'similar_to_escape split_part starts_with string_to_array string_to_table strpos substr substring translate upper',
  ],
  collections: [
    'array_append array_cat array_length array_lower array_position array_positions array_remove array_to_string array_upper cardinality',
    'daterange generate_series isempty json_build_array json_build_object jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array',
    'jsonb_build_object jsonb_each jsonb_each_text jsonb_exists jsonb_extract_path jsonb_extract_path_text',
    'jsonb_object_keys jsonb_pretty jsonb_strip_nulls jsonb_typeof num_nonnulls num_nulls numrange to_json to_jsonb',
    'tsrange tstzrange unnest',
  ],
};

const listed = (lines: string[]): string[] => lines.flatMap((line) => line.split(' '));

export const FUNCTIONS: ReadonlySet<string> = new Set(Object.values(BY_KIND).flatMap(listed));

export const AGGREGATES: ReadonlySet<string> = new Set(listed(BY_KIND.aggregates));

/** Aggregates that keep every value they are given. */
export const COLLECTING: ReadonlySet<string> = new Set([
  'array_agg',
  'string_agg',
  'json_agg',
  'jsonb_agg',
  'json_object_agg',
  'jsonb_object_agg',
]);

/** What people and models write out of habit with another database, and what Postgres calls it. */
export const OTHER_DIALECTS: Readonly<Record<string, string>> = {
  add_months: "a date + interval '1 month'",
  approx_count_distinct: 'count(DISTINCT x)',
  charindex: 'strpos(text, part)',
  count_if: 'count(*) FILTER (WHERE ...)',
  countif: 'count(*) FILTER (WHERE ...)',
  current_setting: 'nothing: settings cannot be read',
  curdate: 'current_date',
  date_diff: 'end_date - start_date',
  date_format: "to_char(x, 'YYYY-MM')",
  date_sub: "a date - interval '1 day'",
  dateadd: "a date + interval '1 day'",
  datediff: 'end_date - start_date',
  datetrunc: "date_trunc('month', x)",
  day: 'extract(day FROM x)',
  dayofweek: 'extract(isodow FROM x)',
  eomonth: "date_trunc('month', x) + interval '1 month' - interval '1 day'",
  from_unixtime: 'to_timestamp(x)',
  getdate: 'now()',
  group_concat: "string_agg(x, ', ')",
  hour: 'extract(hour FROM x)',
  if: 'CASE WHEN ... THEN ... ELSE ... END',
  ifnull: 'coalesce(x, y)',
  iff: 'CASE WHEN ... THEN ... ELSE ... END',
  iif: 'CASE WHEN ... THEN ... ELSE ... END',
  instr: 'strpos(text, part)',
  isnull: 'coalesce(x, y)',
  json_extract: "tags ->> 'key'",
  json_value: "tags ->> 'key'",
  jsonb_path_query: "tags ->> 'key'",
  last_day: "date_trunc('month', x) + interval '1 month' - interval '1 day'",
  len: 'length(x)',
  listagg: "string_agg(x, ', ')",
  median: 'percentile_cont(0.5) WITHIN GROUP (ORDER BY x)',
  month: 'extract(month FROM x)',
  months_between: 'age(end, start)',
  nvl: 'coalesce(x, y)',
  percentile: 'percentile_cont(0.95) WITHIN GROUP (ORDER BY x)',
  pow: 'power(x::double precision, y)',
  quarter: 'extract(quarter FROM x)',
  repeat: 'a constant',
  safe_divide: 'x / nullif(y, 0)',
  strftime: "to_char(x, 'YYYY-MM')",
  str_to_date: "to_date(x, 'YYYY-MM-DD')",
  string_split: "string_to_array(x, ',')",
  sysdate: 'now()',
  todate: 'x::date',
  try_cast: 'x::numeric',
  ucase: 'upper(x)',
  week: 'extract(week FROM x)',
  year: 'extract(year FROM x)',
};
