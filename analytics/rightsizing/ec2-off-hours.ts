import { chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, type Recommend, unknown } from './check.ts';
import { type Evidence, type MetricSummary, textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import { ranShare } from './running.ts';
import type { SettingsOf } from './thresholds.ts';

type Settings = SettingsOf<'ec2-off-hours'>;

const METRICS = ['cpu_utilization', 'network_bytes'] as const;
const WEEK_HOURS = 168;

export const ec2OffHours = defineCheck({
  id: 'ec2-off-hours',
  version: '1',
  title: 'EC2 instances that run while nobody uses them',
  about:
    'An instance outside production that always runs, is used at some hours of the week and is idle, by the rule of ec2-idle, in the same long stretches of every week looked at.',
  resourceTypes: ['ec2:instance'],
  needs: ({ lookBackDays }) => ({
    metrics: METRICS.map((metric) => ({ metric, windowDays: lookBackDays, byWeekHour: true })),
  }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'running') return NOT_CONCERNED;
    if (textOf(resource, 'autoScalingGroup') !== undefined || textOf(resource, 'eksNodegroup') !== undefined) {
      return keep('A group starts and stops it.');
    }
    const environment = environmentOf(resource.tags);
    if (environment === undefined) return unknown('a tag that names its environment');
    if (settings.excludedEnvironments.split(',').includes(environment)) return keep('It belongs to production.');
    if ((ranShare(evidence) ?? 1) < settings.alwaysOnShare) return keep('It is switched off at times already.');
    const missing = missingMetrics(metrics, METRICS, settings.measuredShare);
    const { cpu_utilization: cpu, network_bytes: network } = metrics;
    if (missing.length > 0 || cpu === undefined || network === undefined) return unknown(...missing);
    const quiet = quietHours(cpu, network, settings);
    const measured: Measured[] = [
      { what: 'idle hours of the week', value: quiet.length, unit: 'hours', limit: settings.fewestQuietHours },
      { what: 'highest CPU of the other hours', value: cpu.max, unit: 'percent' },
    ];
    if (quiet.length === WEEK_HOURS) return keep('It is idle all week, which ec2-idle looks at.', measured);
    if (quiet.length < settings.fewestQuietHours) return keep('It is used at most hours.', measured);
    return recommend(evidence, settings, { quiet, measured });
  },
});

function environmentOf(tags: Readonly<Record<string, string>>): string | undefined {
  const known = Object.entries(tags).find(([key]) => ['environment', 'env', 'stage'].includes(key.toLowerCase()));
  return known?.[1].trim().toLowerCase() || undefined;
}

/** The hours of the week (UTC, 0 is Monday 00:00) that lie in idle stretches long enough to be worth a stop and a start. */
function quietHours(cpu: MetricSummary, network: MetricSummary, settings: Settings): number[] {
  const networkPerSample = (settings.networkBytesPerDay / 86_400) * network.sampleSeconds;
  const isQuiet = Array.from({ length: WEEK_HOURS }, (_, hour) => {
    const [used, sent] = [cpu.maxByWeekHour?.[hour], network.maxByWeekHour?.[hour]];
    // An hour without a measurement is no idle one.
    return used != null && sent != null && used < settings.peakCpuPercent && sent < networkPerSample;
  });
  return isQuiet.flatMap((quiet, hour) =>
    quiet && stretchAt(isQuiet, hour) >= settings.shortestStretchHours ? [hour] : [],
  );
}

/** How long the idle stretch around an hour is; a week goes on into the next. */
function stretchAt(isQuiet: readonly boolean[], hour: number): number {
  const at = (index: number) => isQuiet[(index + WEEK_HOURS) % WEEK_HOURS] === true;
  let [from, to] = [hour, hour];
  while (at(from - 1) && hour - from < WEEK_HOURS) from--;
  while (at(to + 1) && to - from < WEEK_HOURS) to++;
  return Math.min(WEEK_HOURS, to - from + 1);
}

function recommend(
  { resource, charges }: Evidence,
  settings: Settings,
  { quiet, measured }: { quiet: number[]; measured: Measured[] },
): Recommend {
  const on = Array.from({ length: WEEK_HOURS }, (_, hour) => hour).filter((hour) => !quiet.includes(hour));
  return {
    verdict: 'recommend',
    action: { action: 'schedule-instance', parameters: { onHoursOfWeekUtc: on } },
    title: `Switch the instance off ${quiet.length} hours a week`,
    measured,
    rule: `Idle (CPU below ${settings.peakCpuPercent} percent, network below ${settings.networkBytesPerDay / 1e6} MB a day) in the same stretches of ${settings.shortestStretchHours} hours or more of each week, over ${settings.lookBackDays} days.`,
    savings: [
      {
        resourceId: resource.resourceId,
        charges: chargesOf(charges, 'compute'),
        savedShare: String(Math.round((quiet.length / WEEK_HOURS) * 1e6) / 1e6),
        why: `instance hours of ${quiet.length} of ${WEEK_HOURS} hours of the week`,
      },
    ],
    risk: 'low',
    effort: 'low',
    notes: [
      'Who works at such an hour starts it by hand; the schedule leaves it on until the next time it is due to stop.',
    ],
  };
}
