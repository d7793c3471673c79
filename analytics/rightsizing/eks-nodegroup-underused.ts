import { chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, type Recommend, unknown } from './check.ts';
import { cpuDemand, memoryDemand, presetOf } from './demand.ts';
import { type Evidence, numberOf, type RelatedEvidence, textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import { type MeasuredHour, meanOf } from './measured-hours.ts';
import { savedShare } from './saved-share.ts';
import { countChanges, hoursAtThisSize } from './size-history.ts';
import type { SettingsOf } from './thresholds.ts';

const SIZE = ['instanceType', 'desiredNodes'];
const METRICS = ['cpu_utilization', 'memory_utilization'] as const;
/** What pods request of a node, where Container Insights or Prometheus tells. */
const REQUESTS = ['cpu_requested_percent', 'memory_requested_percent'] as const;

export const eksNodegroupUnderused = defineCheck({
  id: 'eks-nodegroup-underused',
  version: '1',
  title: 'EKS node groups with more nodes than their pods need',
  about:
    'A node group whose pods would fit on fewer nodes of the same type: by the CPU and memory they use, with headroom, by what they request where that is known, and with one node to spare.',
  resourceTypes: ['eks:nodegroup'],
  needs: ({ lookBackDays }) => ({
    metrics: METRICS.map((metric) => ({ metric, windowDays: lookBackDays })),
    related: [
      {
        name: 'nodes',
        resourceType: 'ec2:instance',
        on: [
          [
            ['configuration.cluster', 'configuration.eksCluster'],
            ['name', 'configuration.eksNodegroup'],
            ['subAccountId', 'subAccountId'],
            ['regionId', 'regionId'],
          ],
        ],
        metrics: [...METRICS, ...REQUESTS].map((metric) => ({ metric, windowDays: lookBackDays })),
      },
    ],
  }),
  evaluate(evidence, settings) {
    const { resource } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const count = numberOf(resource, 'desiredNodes');
    if (count === undefined) return unknown('the number of its nodes is not known');
    if (count <= 1 + settings.spareNodes) return keep('It has as few nodes as it should at least.');
    if (countChanges(evidence, 'desiredNodes') >= settings.fewestChangesOfScaling)
      return keep('Its number of nodes follows the load.');
    const nodes = (evidence.related.nodes ?? []).filter(({ resource: { state } }) => state === 'running');
    const missing = METRICS.flatMap((metric) => {
      const own = missingMetrics(evidence.metrics, [metric], settings.measuredShare, settings.fewestDays);
      return own.length === 0 || areAllMeasured(nodes, metric, settings) ? [] : own;
    });
    if (missing.length > 0) return unknown(...missing);
    const preset = presetOf(settings.preset);
    const cpu = cpuDemand(hoursOf(evidence, nodes, 'cpu_utilization'), preset);
    const memory = memoryDemand(hoursOf(evidence, nodes, 'memory_utilization'), preset);
    if (cpu === undefined || memory === undefined)
      return unknown('fewer than three days were measured with this type and number of nodes');
    const requests = REQUESTS.flatMap((metric) =>
      areAllMeasured(nodes, metric, settings) ? meanOf(nodes.map((node) => hoursOfNode(node, metric))) : [],
    );
    const requested = Math.max(0, ...requests.map(({ max }) => max));
    const needed = Math.ceil((count * Math.max(cpu.needed, memory.needed, requested)) / 100 - 1e-9);
    const target = Math.max(1, needed) + settings.spareNodes;
    const measured: Measured[] = [
      { what: 'nodes', value: count, unit: 'nodes' },
      { what: 'CPU needed with headroom', value: cpu.needed, unit: 'percent' },
      { what: 'memory needed with headroom', value: memory.needed, unit: 'percent' },
      ...(requests.length === 0 ? [] : [{ what: 'most requested by pods', value: requested, unit: 'percent' }]),
      { what: 'nodes needed, spare ones included', value: target, unit: 'nodes' },
    ];
    if ((count - target) / count < settings.minimumSavedShare)
      return keep('It needs about the nodes it has.', measured);
    if (nodes.length === 0) return unknown('no instance says that it is a node of it');
    return recommend(evidence, settings, { count, target, nodes, measured, areRequestsKnown: requests.length > 0 });
  },
});

function areAllMeasured(
  nodes: readonly RelatedEvidence[],
  metric: string,
  { measuredShare }: { measuredShare: number },
) {
  return (
    nodes.length > 0 && nodes.every(({ metrics }) => missingMetrics(metrics, [metric], measuredShare).length === 0)
  );
}

/** The group's own hours, else those of its nodes together. */
function hoursOf(evidence: Evidence, nodes: readonly RelatedEvidence[], metric: string): readonly MeasuredHour[] {
  const own = hoursAtThisSize(evidence, metric, SIZE);
  if (own.length > 0) return own;
  const { history } = evidence;
  const summaries = nodes.flatMap(({ metrics }) => metrics[metric] ?? []);
  return meanOf(summaries.map((summary) => hoursAtThisSize({ history, metrics: { [metric]: summary } }, metric, SIZE)));
}

function hoursOfNode({ metrics }: RelatedEvidence, metric: string): readonly MeasuredHour[] {
  return metrics[metric]?.measured ?? [];
}

function recommend(
  { resource }: Evidence,
  settings: SettingsOf<'eks-nodegroup-underused'>,
  {
    count,
    target,
    nodes,
    measured,
    areRequestsKnown,
  }: {
    count: number;
    target: number;
    nodes: readonly RelatedEvidence[];
    measured: Measured[];
    areRequestsKnown: boolean;
  },
): Recommend {
  const type = textOf(resource, 'instanceType') ?? 'the same type';
  const minimum = numberOf(resource, 'minNodes');
  const share = savedShare(String(count), String(target)) ?? '0';
  return {
    verdict: 'recommend',
    action: {
      action: 'scale-node-group',
      parameters: { nodegroupId: resource.resourceId, fromNodes: count, toNodes: target },
    },
    title: `Run ${target} nodes of ${type} instead of ${count}`,
    measured,
    rule: `CPU and memory at the preset '${settings.preset}', what pods request, and ${settings.spareNodes} node to spare, over up to ${settings.lookBackDays} days at this size.`,
    savings: nodes.flatMap((node) => {
      const charges = chargesOf(node.charges, 'compute');
      if (charges.length === 0) return [];
      return [
        {
          resourceId: node.resource.resourceId,
          charges,
          savedShare: share,
          why: `${target} instead of ${count} nodes`,
        },
      ];
    }),
    risk: 'medium',
    effort: 'medium',
    notes: [
      ...(areRequestsKnown
        ? []
        : [
            'What pods request was not measured: the scheduler fills nodes by requests, so they may have to shrink first.',
          ]),
      'Pods that are bound to a zone, a volume or a node of their own, and budgets for their disruption, may need more nodes.',
      ...(minimum !== undefined && minimum > target ? [`Its least number of nodes is ${minimum}; lower it too.`] : []),
    ],
  };
}
