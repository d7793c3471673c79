import { chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, type Recommend, unknown } from './check.ts';
import { type DatabaseClass, databaseClass, isBurstable, nameOf, smallerClasses } from './database-class.ts';
import { cpuDemand, type Demand, memoryDemand, presetOf } from './demand.ts';
import { type Evidence, type Price, textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import type { MeasuredHour } from './measured-hours.ts';
import { savedShare } from './saved-share.ts';
import { hoursAtThisSize } from './size-history.ts';
import type { SettingsOf } from './thresholds.ts';

const SIZE = ['instanceClass'];

export const rdsOversized = defineCheck({
  id: 'rds-oversized',
  version: '1',
  title: 'Databases of a larger class than they need',
  about:
    'A database whose CPU and memory would fit a smaller class of the same family, with headroom, on its busiest day and on the days to come. Burstable and serverless classes are left alone.',
  resourceTypes: ['rds:db'],
  needs: ({ lookBackDays }) => ({
    metrics: ['cpu_utilization', 'freeable_memory_percent', 'database_connections'].map((metric) => ({
      metric,
      windowDays: lookBackDays,
    })),
  }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const current = databaseClass(textOf(resource, 'instanceClass'));
    if (resource.state !== 'available' || current === undefined) return NOT_CONCERNED;
    if (isBurstable(current))
      return keep('It is of a burstable class: what a smaller one carries depends on saved up CPU time.');
    const { measuredShare, fewestDays } = settings;
    const missing = missingMetrics(metrics, ['cpu_utilization', 'freeable_memory_percent'], measuredShare, fewestDays);
    if (missing.length > 0) return unknown(...missing);
    if (metrics.database_connections?.max === 0) return keep('Nobody connects to it: it is idle, not too large.');
    const preset = presetOf(settings.preset);
    const cpu = cpuDemand(hoursAtThisSize(evidence, 'cpu_utilization', SIZE), preset);
    const memory = memoryDemand(usedMemory(hoursAtThisSize(evidence, 'freeable_memory_percent', SIZE)), preset);
    if (cpu === undefined || memory === undefined)
      return unknown('it was measured on fewer than three days at this class');
    const needed = Math.max(cpu.needed, memory.needed) / 100;
    const measured = measuredOf(cpu, memory);
    const isSold = (name: string) => priceOf(evidence, name) !== undefined;
    const target = smallerClasses(current, isSold).find(({ units }) => units >= needed * current.units);
    if (target === undefined) return keep('It needs the class it has.', measured);
    return recommend(evidence, settings, { current, target, measured });
  },
});

/** Returns how much of the memory is in use where what is free was measured; of an hour only the mean of what was free says so. */
function usedMemory(hours: readonly MeasuredHour[]): MeasuredHour[] {
  return hours.map((hour) => ({ ...hour, avg: 100 - hour.avg, max: 100 - hour.avg, p95: null }));
}

function measuredOf(cpu: Demand, memory: Demand): Measured[] {
  return [
    { what: 'CPU needed on the busiest day', value: cpu.busiestDay, unit: 'percent' },
    { what: 'CPU needed with headroom', value: cpu.needed, unit: 'percent' },
    { what: 'memory needed with headroom', value: memory.needed, unit: 'percent' },
    { what: 'days measured', value: cpu.days, unit: 'days' },
  ];
}

function recommend(
  evidence: Evidence,
  settings: SettingsOf<'rds-oversized'>,
  { current, target, measured }: { current: DatabaseClass; target: DatabaseClass; measured: Measured[] },
): Recommend {
  const { resource, charges } = evidence;
  const [from, to] = [nameOf(current), nameOf(target)];
  return {
    verdict: 'recommend',
    action: { action: 'resize-database', parameters: { databaseId: resource.resourceId, from, to } },
    title: `Resize from ${from} to ${to}`,
    measured,
    rule: `CPU and memory at the preset '${settings.preset}' fit ${to}, over up to ${settings.lookBackDays} days at the class it has.`,
    savings: [
      {
        resourceId: resource.resourceId,
        charges: chargesOf(charges, 'database').filter(({ instanceType }) => (instanceType ?? from) === from),
        ...shareSaved(evidence, current, target),
      },
    ],
    risk: 'medium',
    effort: 'medium',
    notes: [
      'The class changes in the maintenance window, with a short outage; of a Multi-AZ database only while it fails over.',
      'Limits that follow from memory, such as the most connections, become smaller.',
    ],
  };
}

/** By list prices where both classes have one, else by size, which is how AWS prices the classes of a family. */
function shareSaved(evidence: Evidence, current: DatabaseClass, target: DatabaseClass) {
  const [from, to] = [priceOf(evidence, nameOf(current)), priceOf(evidence, nameOf(target))];
  const byPrice = from && to && savedShare(from.listUnitPrice, to.listUnitPrice);
  if (byPrice !== undefined) {
    return {
      savedShare: byPrice,
      why: `instance hours at the list price of ${nameOf(target)} instead of ${nameOf(current)}`,
      prices: [from, to].filter((price) => price !== undefined),
    };
  }
  return {
    savedShare: savedShare(String(current.units), String(target.units)) ?? '0',
    why: `instance hours of ${nameOf(target)} instead of ${nameOf(current)}, by their size: ${target.units} of ${current.units} units`,
  };
}

function priceOf({ prices, resource }: Evidence, name: string): Price | undefined {
  // An inventory says 'aurora-postgresql' and 'postgres', a price list 'Aurora PostgreSQL' and 'PostgreSQL'.
  const engine = (textOf(resource, 'engine') ?? '')
    .toLowerCase()
    .replace('-', ' ')
    .replace(/^postgres$/, 'postgresql');
  return prices.of(`${name} ${engine}`, 'Hrs');
}
