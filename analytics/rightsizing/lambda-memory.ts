import { type ChargeKind, chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, type Recommend, type SavedShare, unknown } from './check.ts';
import { type Evidence, numberOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import { percentileOf } from './measured-hours.ts';
import { savedShare } from './saved-share.ts';
import { hoursAtThisSize } from './size-history.ts';
import type { SettingsOf } from './thresholds.ts';

type Settings = SettingsOf<'lambda-memory'>;

const METRICS = ['invocations', 'duration_ms', 'max_memory_used_mb'] as const;
const SIZE = ['memoryMib'];

/** At this memory a function has one vCPU, below it a part of one. Source: AWS Lambda Developer Guide, "Configure memory". */
const ONE_VCPU_MIB = 1769;
const SMALLEST_MIB = 128;
/** Memory can be any number; steps keep small changes of what was measured from changing the finding. */
const STEP_MIB = 64;

export const lambdaMemory = defineCheck({
  id: 'lambda-memory',
  version: '1',
  title: 'Lambda functions with too much or too little memory',
  about:
    'A function that never uses most of its memory, or nearly all of it. Memory also sets the CPU: the new size leaves room above the most ever used, and enough CPU for the longest calls to end before the timeout even if they compute all the time.',
  resourceTypes: ['lambda:function'],
  needs: ({ lookBackDays }) => ({ metrics: METRICS.map((metric) => ({ metric, windowDays: lookBackDays })) }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const [memory, timeout] = [numberOf(resource, 'memoryMib'), numberOf(resource, 'timeoutSeconds')];
    const calls = metrics.invocations;
    if (calls === undefined) return unknown('invocations was not measured');
    if (calls.sum < settings.fewestCalls) return keep('It is called too seldom for its memory to matter.');
    // Between calls nothing is measured, so hours without a measurement are no gap.
    const missing = missingMetrics(metrics, METRICS.slice(1), 0, settings.fewestDays);
    if (memory === undefined) missing.push('its memory is not known');
    if (timeout === undefined) missing.push('its timeout is not known');
    if (missing.length > 0 || memory === undefined || timeout === undefined) return unknown(...missing);
    const used = percentileOf(hoursAtThisSize(evidence, 'max_memory_used_mb', SIZE), 1);
    const longest = percentileOf(hoursAtThisSize(evidence, 'duration_ms', SIZE), 0.995) / 1000;
    if (Number.isNaN(used) || Number.isNaN(longest)) return unknown('nothing was measured since its memory changed');
    const measured: Measured[] = [
      { what: 'memory', value: memory, unit: 'MB' },
      { what: 'most memory used', value: used, unit: 'MB' },
      { what: 'longest calls', value: longest, unit: 'seconds', limit: timeout },
      { what: 'calls', value: Math.round(calls.sum), unit: 'calls' },
    ];
    if (used >= settings.nearlyFullShare * memory) return raise(evidence, settings, { memory, used, measured });
    const target = smallestMemory({ memory, used, longest, timeout }, settings);
    if ((memory - target) / memory < settings.minimumSavedShare)
      return keep('It needs about the memory it has.', measured);
    if (chargesOf(evidence.charges, 'lambdaDuration').length === 0)
      return keep('Its duration costs nothing.', measured);
    return lower(evidence, settings, { memory, target, measured });
  },
});

function smallestMemory(
  { memory, used, longest, timeout }: Record<'memory' | 'used' | 'longest' | 'timeout', number>,
  { roomAboveUsed }: Settings,
): number {
  const forMemory = used * roomAboveUsed;
  // A call that computes all the time takes as much longer as there is less CPU.
  const forTimeout = (longest * Math.min(memory, ONE_VCPU_MIB)) / timeout;
  return Math.max(SMALLEST_MIB, Math.ceil(Math.max(forMemory, forTimeout) / STEP_MIB) * STEP_MIB);
}

interface Sizes {
  memory: number;
  measured: Measured[];
}

function lower(
  evidence: Evidence,
  settings: Settings,
  { memory, target, measured }: Sizes & { target: number },
): Recommend {
  const slower = Math.min(memory, ONE_VCPU_MIB) / Math.min(target, ONE_VCPU_MIB);
  const certain = Math.max(0, 1 - (target * slower) / memory);
  return {
    verdict: 'recommend',
    action: actionOf(evidence, memory, target),
    title: `Give the function ${target} MB instead of ${memory} MB`,
    measured,
    rule: `${settings.roomAboveUsed} times the most memory used, and calls that end before the timeout at the CPU that goes with it, over ${settings.lookBackDays} days.`,
    savings: (['lambdaDuration', 'lambdaConcurrency'] as const).flatMap((kind) => part(evidence, kind, memory, target)),
    risk: 'medium',
    effort: 'low',
    notes: [
      slower > 1
        ? `The estimate takes calls to last as long as now. Calls that compute all the time would last ${slower.toFixed(1)} times as long, and ${Math.round(100 * certain)} percent would be saved.`
        : 'It keeps a whole vCPU; only calls that compute on several threads would last longer.',
      'Measure a version with the new memory before all calls go to it.',
    ],
  };
}

function part({ resource, charges }: Evidence, kind: ChargeKind, from: number, to: number): SavedShare[] {
  const own = chargesOf(charges, kind);
  const share = savedShare(String(from), String(to));
  if (own.length === 0 || share === undefined) return [];
  return [
    {
      resourceId: resource.resourceId,
      charges: own,
      savedShare: share,
      why: `${to} instead of ${from} MB, as many seconds`,
    },
  ];
}

function raise(
  evidence: Evidence,
  settings: Settings,
  { memory, used, measured }: Sizes & { used: number },
): Recommend {
  const target = Math.ceil((used * settings.roomAboveUsed) / STEP_MIB) * STEP_MIB;
  return {
    verdict: 'recommend',
    action: actionOf(evidence, memory, target),
    title: `Give the function ${target} MB instead of ${memory} MB: it is nearly full`,
    measured,
    rule: `At least ${100 * settings.nearlyFullShare} percent of the memory is used at the peak, over ${settings.lookBackDays} days.`,
    savings: [],
    risk: 'low',
    effort: 'low',
    notes: [
      'This saves nothing: a function that runs out of memory is killed, and the call is paid for.',
      `A second costs ${Math.round(100 * (target / memory - 1))} percent more; calls that compute last less long.`,
    ],
  };
}

function actionOf({ resource }: Evidence, from: number, to: number) {
  const parameters = { functionId: resource.resourceId, fromMemoryMib: from, toMemoryMib: to };
  return { action: 'set-lambda-memory', parameters };
}
