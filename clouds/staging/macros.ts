/**
 * SQL functions of the staging engine. Names begin with `penny_`, so that no column of a file hides one.
 *
 * Times: exports write ISO 8601 with 'Z', an offset or nothing (then it is UTC), sometimes without seconds
 * ('2024-09-01T00:00Z', Microsoft), and files that went through a spreadsheet have '5/1/25' (month first). DuckDB's own cast
 * would read that one as the year 5 after Christ.
 */
const SLASH_FORMATS = `['%m/%d/%y', '%m/%d/%Y', '%m/%d/%y %H:%M', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %I:%M:%S %p', '%Y/%m/%d', '%Y/%m/%d %H:%M:%S']`;

const WITH_SECONDS = "CASE WHEN strlen(x) = 17 AND suffix(x, 'Z') THEN replace(x, 'Z', ':00Z') ELSE x END";
// '2025-03-31T00:00:00Z', '2025-03-31 00:00:00' and their like say UTC, so that no calendar is needed.
const PLAIN = "(strlen(x) = 19 OR (strlen(x) > 19 AND suffix(x, 'Z'))) AND NOT contains(x, '/')";
const ISO = "substr(x, 5, 1) = '-'";

export const MACROS: readonly string[] = [
  // TIMESTAMP WITH TIME ZONE to the TIMESTAMP of the same instant in UTC, without a calendar.
  'CREATE MACRO penny_utc(t) AS make_timestamp(epoch_us(t))',
  `CREATE MACRO penny_time(x) AS CASE WHEN ${PLAIN} THEN CAST(x AS TIMESTAMP) WHEN ${ISO} THEN penny_utc(CAST(${WITH_SECONDS} AS TIMESTAMPTZ))
   WHEN contains(x, '/') THEN strptime(x, ${SLASH_FORMATS}) WHEN x IS NULL THEN NULL ELSE error('no time: ' || x) END`,
  // NULL for what is no time.
  `CREATE MACRO penny_time_if_any(x) AS CASE WHEN ${PLAIN} THEN TRY_CAST(x AS TIMESTAMP) WHEN ${ISO} THEN penny_utc(TRY_CAST(${WITH_SECONDS} AS TIMESTAMPTZ))
   WHEN contains(x, '/') THEN try_strptime(x, ${SLASH_FORMATS}) END`,
  `CREATE MACRO penny_is_time(x) AS CASE WHEN ${ISO} THEN TRY_CAST(${WITH_SECONDS} AS TIMESTAMPTZ) IS NOT NULL
   ELSE contains(x, '/') AND try_strptime(x, ${SLASH_FORMATS}) IS NOT NULL END`,

  "CREATE MACRO penny_is_number(x) AS regexp_full_match(trim(x), '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,4})?')",
  // '$50,000.00 ', '-$3.10' or '($3.10)': how a spreadsheet shows money. Without the sign of a currency a comma might as
  // well be a decimal point, so only these forms are read.
  "CREATE MACRO penny_is_accounting(x) AS regexp_full_match(trim(x), '(-?\\$ ?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\\.[0-9]+)?)|(\\(\\$ ?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\\.[0-9]+)?\\))')",
  "CREATE MACRO penny_from_accounting(x) AS CASE WHEN contains(x, '$') THEN (CASE WHEN contains(x, '(') THEN '-' ELSE '' END) || regexp_replace(x, '[$,() ]', '', 'g') ELSE x END",

  "CREATE MACRO penny_exponent(x) AS coalesce(TRY_CAST(regexp_extract(x, '[eE]([+-]?[0-9]+)', 1) AS INTEGER), 0)",
  "CREATE MACRO penny_mantissa(x) AS regexp_extract(trim(x), '^[+-]?([0-9.]*)', 1)",
  // Digits behind and before the decimal point, once the exponent is applied.
  `CREATE MACRO penny_fraction_digits(x) AS greatest(0, (CASE WHEN contains(penny_mantissa(x), '.')
   THEN strlen(split_part(penny_mantissa(x), '.', 2)) ELSE 0 END) - penny_exponent(x))`,
  `CREATE MACRO penny_whole_digits(x) AS greatest(0, strlen(ltrim(split_part(penny_mantissa(x), '.', 1), '0')) + penny_exponent(x))`,
  // How a number is written, for it is read twenty times as fast when 18 digits are known to do: 1 up to 8 before and 10 behind
  // the point, 2 up to 4 and 14, 3 up to 1 and 17, 0 for all else. A sign or a space counts as a digit.
  `CREATE MACRO penny_form(x) AS CASE WHEN x IS NULL THEN NULL WHEN contains(x, 'e') OR contains(x, 'E') THEN 0
   WHEN strpos(x, '.') = 0 THEN CAST(strlen(x) <= 8 AS TINYINT) WHEN strpos(x, '.') <= 9 AND strlen(x) - strpos(x, '.') <= 10 THEN 1
   WHEN strpos(x, '.') <= 5 AND strlen(x) - strpos(x, '.') <= 14 THEN 2 WHEN strpos(x, '.') <= 2 AND strlen(x) - strpos(x, '.') <= 17 THEN 3
   ELSE 0 END`,
  // The digits of a number that surely fits are not counted; a text of up to \`scale\` + 1 characters fits.
  `CREATE MACRO penny_excess_digits(x, scale) AS CASE WHEN strlen(x) > scale + 1 OR penny_exponent(x) <> 0
   THEN penny_fraction_digits(x) ELSE 0 END`,

  // A number of more digits than DECIMAL(38) has, in two whole numbers: units of 10^-15, and the rest in units of 10^-37.
  // One with an exponent goes into one of them as a whole.
  "CREATE MACRO penny_units(x) AS CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT)",
  "CREATE MACRO penny_sign(x) AS CASE WHEN starts_with(trim(x), '-') THEN -1 ELSE 1 END",
  `CREATE MACRO penny_high(x) AS CASE WHEN x IS NULL THEN NULL WHEN penny_exponent(x) <> 0 THEN (CASE WHEN penny_fraction_digits(x) <= 15 THEN penny_units(CAST(x AS DECIMAL(38, 15))) ELSE 0::HUGEINT END)
   ELSE penny_sign(x) * CAST('0' || split_part(penny_mantissa(x), '.', 1)
   || left(rpad(split_part(penny_mantissa(x), '.', 2), 15, '0'), 15) AS HUGEINT) END`,
  `CREATE MACRO penny_low(x) AS CASE WHEN x IS NULL THEN NULL
   WHEN penny_exponent(x) <> 0 THEN (CASE WHEN penny_fraction_digits(x) <= 15 THEN 0::HUGEINT ELSE penny_units(CAST(x AS DECIMAL(38, 37))) END)
   ELSE penny_sign(x) * CAST('0' || left(rpad(substr(split_part(penny_mantissa(x), '.', 2), 16), 22, '0'), 22) AS HUGEINT) END`,
  // Both put together as text. Carried over so that the second one is less than 10^-15 and has the sign of the first one.
  'CREATE MACRO penny_carried(high, low) AS high + low // 10000000000000000000000',
  'CREATE MACRO penny_rest(low) AS low % 10000000000000000000000',
  `CREATE MACRO penny_borrow(high, low) AS CASE WHEN penny_carried(high, low) > 0 AND penny_rest(low) < 0 THEN 1
   WHEN penny_carried(high, low) < 0 AND penny_rest(low) > 0 THEN -1 ELSE 0 END`,
  `CREATE MACRO penny_digits(high, low) AS CASE WHEN high < 0 OR low < 0 THEN '-' ELSE '' END
   || CAST(abs(high) // 1000000000000000 AS VARCHAR) || '.' || lpad(CAST(abs(high) % 1000000000000000 AS VARCHAR), 15, '0')
   || lpad(CAST(abs(low) AS VARCHAR), 22, '0')`,
  `CREATE MACRO penny_wide_text(high, low) AS CASE WHEN high IS NULL THEN NULL ELSE penny_digits(
   penny_carried(high, low) - penny_borrow(high, low),
   penny_rest(low) + penny_borrow(high, low) * 10000000000000000000000) END`,

  // Without the zeros at the end, which would only be carried along.
  "CREATE MACRO penny_short(text) AS rtrim(rtrim(text, '0'), '.')",
];
