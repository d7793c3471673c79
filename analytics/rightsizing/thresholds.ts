/** A threshold and the public page or file it is taken from, or why it was chosen. */
interface Threshold<Value extends number | string = number | string> {
  value: Value;
  source: string;
}

const COMPUTE_OPTIMIZER_IDLE = 'AWS Compute Optimizer, "Viewing idle resource recommendations"';
const COMPUTE_OPTIMIZER_PRESET = 'AWS Compute Optimizer, "Rightsizing recommendation preferences"';
const A_MONTH = `${COMPUTE_OPTIMIZER_PRESET}: the longest look-back that is free, with a month's end in it`;
const MEASURED = 'chosen here: less says too little';

/**
 * Every threshold of every check, by check and with its unit in its name: the one place to change them. An installation may
 * override values without touching this file (PENNY_CHECK_SETTINGS).
 */
export const THRESHOLDS = {
  'ec2-idle': {
    lookBackDays: { value: 14, source: COMPUTE_OPTIMIZER_IDLE },
    peakCpuPercent: { value: 5, source: COMPUTE_OPTIMIZER_IDLE },
    networkBytesPerDay: { value: 5_000_000, source: `${COMPUTE_OPTIMIZER_IDLE}: 5 MB a day` },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'rds-idle': {
    lookBackDays: { value: 14, source: COMPUTE_OPTIMIZER_IDLE },
    peakCpuPercent: {
      value: 5,
      source: `${COMPUTE_OPTIMIZER_IDLE}: no connections and low CPU, of instances below 5 percent`,
    },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'rds-oversized': {
    lookBackDays: { value: 32, source: A_MONTH },
    preset: { value: 'default', source: COMPUTE_OPTIMIZER_PRESET },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'ecs-idle': {
    lookBackDays: { value: 14, source: COMPUTE_OPTIMIZER_IDLE },
    peakCpuPercent: { value: 1, source: COMPUTE_OPTIMIZER_IDLE },
    peakMemoryPercent: { value: 1, source: COMPUTE_OPTIMIZER_IDLE },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'ecs-oversized': {
    lookBackDays: { value: 32, source: A_MONTH },
    preset: { value: 'default', source: `${COMPUTE_OPTIMIZER_PRESET}; for services AWS leaves no headroom, we do` },
    minimumSavedShare: { value: 0.1, source: 'chosen here: less is not worth a deployment' },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'ecs-unscaled': {
    lookBackDays: { value: 14, source: 'chosen here: two weeks show nights and weekends twice' },
    fewestDays: { value: 7, source: 'chosen here: a week' },
    fewestTasks: { value: 2, source: 'chosen here: one may fail' },
    targetCpuPercent: {
      value: 70,
      source: 'chosen here: below the 75 of the examples in the Amazon ECS Developer Guide',
    },
    minimumSavedShare: { value: 0.2, source: 'chosen here: less is not worth the moving parts' },
    measuredShare: { value: 0.5, source: MEASURED },
  },
} as const satisfies Record<string, Record<string, Threshold>>;

export type CheckId = keyof typeof THRESHOLDS;

type Widened<Value> = Value extends number ? number : string;

/** The values a check runs with. */
export type SettingsOf<Id extends CheckId> = {
  readonly [Key in keyof (typeof THRESHOLDS)[Id]]: (typeof THRESHOLDS)[Id][Key] extends Threshold<infer Value>
    ? Widened<Value>
    : never;
};

/** Returns the settings of a check as the table has them. */
export function settingsOf<Id extends CheckId>(id: Id): SettingsOf<Id> {
  return Object.fromEntries(
    Object.entries(THRESHOLDS[id]).map(([name, { value }]) => [name, value]),
  ) as unknown as SettingsOf<Id>;
}
