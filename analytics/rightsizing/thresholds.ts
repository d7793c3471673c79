/** A threshold and the public page or file it is taken from, or why it was chosen. */
interface Threshold<Value extends number | string = number | string> {
  value: Value;
  source: string;
}

const COMPUTE_OPTIMIZER_IDLE = 'AWS Compute Optimizer, "Viewing idle resource recommendations"';
const COMPUTE_OPTIMIZER_PRESET = 'AWS Compute Optimizer, "Rightsizing recommendation preferences"';
const A_MONTH = `${COMPUTE_OPTIMIZER_PRESET}: the longest look-back that is free, with a month's end in it`;
const TRUSTED_ADVISOR = 'AWS Trusted Advisor check reference';
const TOOLKIT = 'microsoft/finops-toolkit, references/azure-commitment-discount-decision.md';
const KRR = 'robusta-dev/krr, robusta_krr/strategies/simple.py';
const NABLE = 'nable, src/finops/analyzers';
const TRUSTED_ADVISOR_STOPPED = 'AWS Trusted Advisor, "Amazon EC2 Instances Stopped"';
const CUSTODIAN = 'Cloud Custodian, example policies';
const THRIFTY = 'Turbot AWS Thrifty';
const A_WEEK_OF_IT = 'chosen here: a week of the look-back; every peak counts while it is less than two';
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
    volumeOperationsPerSecond: { value: 1, source: 'chosen here: an idle system writes logs less often' },
  },
  'ec2-oversized': {
    lookBackDays: { value: 32, source: A_MONTH },
    preset: { value: 'default', source: COMPUTE_OPTIMIZER_PRESET },
    minimumSavedShare: { value: 0.1, source: 'chosen here: less is not worth a restart' },
    measuredShare: { value: 0.2, source: A_WEEK_OF_IT },
  },
  'ec2-previous-generation': {
    oldestGeneration: { value: 5, source: `${THRIFTY}, "older generation": m3 and m4` },
    oldestBurstableGeneration: { value: 3, source: `${THRIFTY}, "older generation": t2` },
    minimumSavedShare: { value: 0.02, source: 'chosen here: newer types are faster besides' },
  },
  'ec2-graviton': {
    minimumSavedShare: { value: 0.1, source: 'chosen here: less is not worth another image' },
  },
  'ec2-stopped': {
    stoppedDays: { value: 30, source: TRUSTED_ADVISOR_STOPPED },
  },
  'ec2-off-hours': {
    lookBackDays: { value: 14, source: COMPUTE_OPTIMIZER_IDLE },
    peakCpuPercent: { value: 5, source: COMPUTE_OPTIMIZER_IDLE },
    networkBytesPerDay: { value: 5_000_000, source: `${COMPUTE_OPTIMIZER_IDLE}: 5 MB a day` },
    shortestStretchHours: { value: 6, source: 'chosen here: shorter stops cost more trouble than they save' },
    fewestQuietHours: { value: 56, source: 'chosen here: eight hours a night' },
    alwaysOnShare: { value: 0.95, source: 'chosen here: what is off for more than a day a month is on a schedule' },
    excludedEnvironments: { value: 'prod,production,live,prd', source: 'chosen here: customers sleep at other hours' },
    measuredShare: { value: 0.9, source: 'chosen here: every hour of the week has to be known' },
  },
  'asg-idle': {
    lookBackDays: { value: 14, source: COMPUTE_OPTIMIZER_IDLE },
    peakCpuPercent: { value: 5, source: COMPUTE_OPTIMIZER_IDLE },
    networkBytesPerDay: { value: 5_000_000, source: `${COMPUTE_OPTIMIZER_IDLE}: 5 MB a day` },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'ebs-unattached': {
    unattachedDays: { value: 32, source: COMPUTE_OPTIMIZER_IDLE },
  },
  'ebs-idle': {
    lookBackDays: { value: 14, source: COMPUTE_OPTIMIZER_IDLE },
    operationsPerDay: { value: 1, source: COMPUTE_OPTIMIZER_IDLE },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'ebs-gp2': {
    lookBackDays: { value: 14, source: COMPUTE_OPTIMIZER_IDLE },
    headroom: { value: 0.2, source: COMPUTE_OPTIMIZER_PRESET },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'ebs-provisioned-iops': {
    lookBackDays: { value: 32, source: A_MONTH },
    headroom: { value: 0.2, source: COMPUTE_OPTIMIZER_PRESET },
    minimumSavedShare: { value: 0.1, source: 'chosen here: less is not worth a change' },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'ebs-snapshot-old': {
    ageDays: { value: 90, source: `${THRIFTY}, "EBS snapshot age"` },
  },
  'eip-unattached': {
    unattachedDays: { value: 7, source: `${CUSTODIAN}: released after a week` },
  },
  'nat-idle': {
    lookBackDays: { value: 32, source: COMPUTE_OPTIMIZER_IDLE },
    measuredShare: { value: 0.9, source: 'chosen here: a gateway that is used once a month is used' },
  },
  'nat-doubled': {
    lookBackDays: { value: 14, source: 'chosen here: two weeks show which carries more' },
  },
  'elb-idle': {
    lookBackDays: { value: 14, source: 'chosen here: two weeks, AWS Trusted Advisor looks at one' },
    requestsPerDay: { value: 100, source: TRUSTED_ADVISOR },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'rds-idle': {
    lookBackDays: { value: 14, source: COMPUTE_OPTIMIZER_IDLE },
    fewestDays: { value: 7, source: `${TRUSTED_ADVISOR}: no connection for 7 days` },
    peakCpuPercent: {
      value: 5,
      source: `${COMPUTE_OPTIMIZER_IDLE}: no connections and low CPU, of instances below 5 percent`,
    },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'rds-oversized': {
    lookBackDays: { value: 32, source: A_MONTH },
    preset: { value: 'default', source: COMPUTE_OPTIMIZER_PRESET },
    fewestDays: { value: 7, source: 'chosen here: a week' },
    measuredShare: { value: 0.2, source: A_WEEK_OF_IT },
  },
  'ecs-idle': {
    lookBackDays: { value: 14, source: COMPUTE_OPTIMIZER_IDLE },
    fewestDays: { value: 7, source: 'chosen here: a week' },
    peakCpuPercent: { value: 1, source: COMPUTE_OPTIMIZER_IDLE },
    peakMemoryPercent: { value: 1, source: COMPUTE_OPTIMIZER_IDLE },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'ecs-oversized': {
    lookBackDays: { value: 32, source: A_MONTH },
    preset: { value: 'default', source: `${COMPUTE_OPTIMIZER_PRESET}; for services AWS leaves no headroom, we do` },
    minimumSavedShare: { value: 0.1, source: 'chosen here: less is not worth a deployment' },
    fewestDays: { value: 7, source: 'chosen here: a week' },
    measuredShare: { value: 0.2, source: A_WEEK_OF_IT },
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
  'eks-nodegroup-underused': {
    lookBackDays: { value: 32, source: A_MONTH },
    preset: { value: 'default', source: COMPUTE_OPTIMIZER_PRESET },
    fewestChangesOfScaling: { value: 3, source: 'chosen here: people change it less often' },
    spareNodes: { value: 1, source: 'chosen here: a node may fail, and an upgrade replaces one at a time' },
    minimumSavedShare: { value: 0.2, source: 'chosen here: less comes and goes with deployments' },
    fewestDays: { value: 7, source: 'chosen here: a week' },
    measuredShare: { value: 0.2, source: A_WEEK_OF_IT },
  },
  'eks-requests': {
    lookBackDays: { value: 32, source: 'chosen here: krr looks back 14 days, and its users missed peaks (issue 379)' },
    fewestDays: { value: 7, source: 'chosen here: a week' },
    cpuPercentile: { value: 0.95, source: KRR },
    memoryBuffer: { value: 0.15, source: KRR },
    memoryAfterKill: { value: 0.25, source: KRR },
    fewestMillicores: { value: 10, source: KRR },
    leastMemoryMib: { value: 100, source: KRR },
    minimumSavedShare: { value: 0.2, source: 'chosen here: less comes and goes with releases' },
    leastSavedVcpus: { value: 0.1, source: 'chosen here, over all pods: less is not worth a release' },
    leastSavedMemoryGib: { value: 0.25, source: 'chosen here, over all pods: less is not worth a release' },
  },
  'lambda-unused': {
    lookBackDays: { value: 14, source: `${NABLE}: no calls in 14 days` },
    fewestDays: { value: 7, source: 'chosen here: a week' },
    measuredShare: { value: 0.5, source: MEASURED },
  },
  'lambda-memory': {
    lookBackDays: { value: 14, source: 'AWS Compute Optimizer, "Viewing Lambda function recommendations"' },
    fewestDays: { value: 7, source: 'chosen here: a week' },
    fewestCalls: { value: 50, source: 'AWS Compute Optimizer, "Lambda function requirements"' },
    roomAboveUsed: { value: 1.5, source: `${NABLE}: one and a half times the most used` },
    nearlyFullShare: { value: 0.95, source: 'chosen here: little is left for a larger call' },
    minimumSavedShare: { value: 0.2, source: 'chosen here: less is not worth a test' },
  },
  'lambda-concurrency': {
    lookBackDays: { value: 14, source: 'chosen here: two weeks show the busiest weekday twice' },
    fewestDays: { value: 7, source: 'chosen here: a week' },
    headroom: { value: 0.3, source: 'chosen here: calls of a minute do not arrive evenly' },
    minimumSavedShare: { value: 0.2, source: 'chosen here: less is not worth a change' },
  },
  'lambda-errors': {
    lookBackDays: { value: 7, source: `${TRUSTED_ADVISOR}: any of the last 7 days` },
    errorPercent: { value: 10, source: `${TRUSTED_ADVISOR}: more than 10 percent` },
    fewestCallsOfADay: { value: 50, source: 'chosen here: of a few calls, one is a large share' },
  },
  /** The bill alone decides. */
  'extended-support': {},
  'commitment-unused': {
    unusedPercent: { value: 5, source: 'chosen here: an hour now and then is no waste' },
  },
  'commitment-expiring': {
    daysAhead: { value: 60, source: 'chosen here: time to decide; AWS Trusted Advisor tells 30 days ahead' },
    daysSince: { value: 30, source: `${TRUSTED_ADVISOR}: reserved instances that ended within 30 days` },
    fullyUsedPercent: { value: 95, source: 'chosen here: an hour now and then is no waste' },
  },
  'commitment-coverage': {
    fewestDays: { value: 30, source: 'AWS Cost Explorer looks back 7, 30 or 60 days' },
    largestVariation: { value: 0.3, source: `${TOOLKIT}: below it a reservation, above 0.6 none` },
    shareToCommit: { value: 0.7, source: `${TOOLKIT}: buy 70 percent, wait three days, repeat` },
    assumedDiscount: { value: 0.2, source: 'chosen here: less than most offers of a year without upfront payment' },
    leastMonthlySavings: { value: 50, source: 'chosen here: less is not worth a commitment of a year' },
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

/** Values that stand in for those of the table, by check and threshold. */
export type SettingsOverride = Readonly<Record<string, Readonly<Record<string, number | string>>>>;

/** Returns the settings of a check: as the table has them, but for what is overridden. */
export function settingsOf<Id extends CheckId>(id: Id, overrides: SettingsOverride = {}): SettingsOf<Id> {
  const own = overrides[id] ?? {};
  const entries = Object.entries(THRESHOLDS[id]).map(([name, { value }]) => [name, own[name] ?? value]);
  return Object.fromEntries(entries) as SettingsOf<Id>;
}
