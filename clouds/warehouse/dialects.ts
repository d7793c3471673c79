import { literal } from '../staging/sql.ts';

/**
 * What engines write differently; all else of the daily query, and every mapping of a source, is SQL that they have in common.
 * Types are as `information_schema.columns` of the engine names them.
 */
export interface Dialect {
  /** An instant, of an ISO 8601 text. */
  time(text: string): string;
  /** The same, NULL for other texts. */
  timeIfAny(text: string): string;
  /** What a map, not JSON text, has under a key, as text; NULL without the key. */
  entry(map: string, key: string): string;
  /** What JSON text has under a key, as text. */
  jsonEntry(text: string, key: string): string;
  /** A map as JSON text. */
  json(map: string): string;
}

export const DIALECTS = {
  /** Trino, and Amazon Athena, whose engine 3 is one. */
  trino: {
    time: (text) => `CAST(from_iso8601_timestamp_nanos(${text}) AT TIME ZONE 'UTC' AS TIMESTAMP(6))`,
    timeIfAny: (text) => `CAST(TRY(from_iso8601_timestamp_nanos(${text})) AT TIME ZONE 'UTC' AS TIMESTAMP(6))`,
    entry: (map, key) => `CAST(element_at(${map}, ${literal(key)}) AS VARCHAR)`,
    jsonEntry: (text, key) => `json_extract_scalar(${text}, ${literal(`$["${key}"]`)})`,
    json: (map) => `json_format(CAST(${map} AS JSON))`,
  },
  /** As an engine of a load is set up (staging/macros.ts). */
  duckdb: {
    time: (text) => `penny_time(${text})`,
    timeIfAny: (text) => `penny_time_if_any(${text})`,
    entry: (map, key) => `CAST(${map}[${literal(key)}] AS VARCHAR)`,
    jsonEntry: (text, key) => `json_extract_string(${text}, ${literal(`$."${key}"`)})`,
    json: (map) => `CAST(to_json(${map}) AS VARCHAR)`,
  },
} as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;
