import { z } from 'zod';

/** A list in a query: the parameter repeated, or its values with commas between them. */
export const listParameter = z.union([z.string(), z.array(z.string())]).transform((given) =>
  [given]
    .flat()
    .flatMap((part) => part.split(','))
    .map((part) => part.trim())
    .filter(Boolean),
);

/** JSON in a query, for what has a structure of its own. */
export const jsonParameter = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON.' });
    return z.NEVER;
  }
});

/** Parameters not named in the schema: each a filter, a dimension with one value or, repeated, several. */
export const filterParameters = z.union([z.string(), z.array(z.string())]);

export interface Filter {
  dimension: string;
  operator: 'in';
  values: string[];
}

/** `?service_name=AWS%20Lambda&region_id=eu-west-1` as filters that must all hold. */
export function toFilters(parameters: Record<string, unknown>): Filter[] {
  return Object.entries(parameters).map(([dimension, given]) => ({
    dimension,
    operator: 'in',
    values: [given].flat().map(String),
  }));
}
