import { ASK_VIEWS } from '../access/views.ts';

/** The schema that holds everything a statement may read. */
export const SCHEMA = 'ask';

/** The views of schema `ask` and their columns. */
export const RELATIONS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  ASK_VIEWS.map(({ name, columns }) => [name, new Set(columns.map((column) => column.name))]),
);
