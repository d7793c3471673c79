/** The schema that holds everything a statement may read. */
export const SCHEMA = 'ask';

/** The views of schema `ask`. */
export const RELATIONS: readonly string[] = [
  'costs',
  'resources',
  'usage',
  'accounts',
  'prices',
  'anomalies',
  'forecasts',
  'forecast_points',
  'recommendations',
  'savings',
  'budgets',
  'insights',
  'remediations',
  'loads',
];
