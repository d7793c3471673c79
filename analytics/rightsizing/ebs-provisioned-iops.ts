import { chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { numberOf, textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import { savedShare } from './saved-share.ts';
import { GP3, monthlyPrice, type VolumeShape } from './volume-prices.ts';

export const ebsProvisionedIops = defineCheck({
  id: 'ebs-provisioned-iops',
  version: '1',
  title: 'EBS volumes with more IOPS than they use',
  about:
    'A volume of type io1, io2 or gp3 whose provisioned IOPS exceed what it uses at its peak, with headroom. Where gp3 can carry it, io1 and io2 become gp3.',
  resourceTypes: ['ec2:volume'],
  needs: ({ lookBackDays }) => ({
    metrics: ['volume_operations', 'volume_bytes'].map((metric) => ({ metric, windowDays: lookBackDays })),
  }),
  evaluate(evidence, settings) {
    const { resource, metrics, charges, prices } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const type = textOf(resource, 'volumeType') ?? '';
    const [iops, sizeGib] = [numberOf(resource, 'iops'), numberOf(resource, 'sizeGib')];
    if (!['io1', 'io2', 'gp3'].includes(type) || resource.state !== 'in-use') return NOT_CONCERNED;
    if (type === 'gp3' && (iops ?? GP3.iops) <= GP3.iops) return NOT_CONCERNED;
    if (iops === undefined || sizeGib === undefined) return unknown('its size and IOPS');
    const missing = missingMetrics(metrics, ['volume_operations'], settings.measuredShare);
    const { volume_operations: operations, volume_bytes: bytes } = metrics;
    if (missing.length > 0 || operations === undefined) return unknown(...missing);
    const room = 1 + settings.headroom;
    const used = operations.max / operations.sampleSeconds;
    const needed = Math.ceil(used * room);
    const measured: Measured[] = [
      { what: 'most operations a second', value: used, unit: null },
      { what: 'provisioned', value: iops, unit: 'IOPS' },
      { what: 'hours measured', value: operations.hours, unit: 'hours' },
    ];
    const moved = bytes === undefined ? undefined : Math.ceil((bytes.max / bytes.sampleSeconds / 2 ** 20) * room);
    const given = numberOf(resource, 'throughputMibPerSecond') ?? GP3.mibPerSecond;
    const throughput =
      type === 'gp3' ? given : Math.max(GP3.mibPerSecond, moved ?? Math.min(needed / 4, GP3.mostMibPerSecond));
    const asGp3 = needed <= GP3.mostIops && throughput <= GP3.mostMibPerSecond;
    const wanted: VolumeShape & { iops: number } = asGp3
      ? {
          ...{ type: 'gp3', sizeGib, iops: Math.max(GP3.iops, needed), paidIops: Math.max(0, needed - GP3.iops) },
          paidMibPerSecond: Math.max(0, Math.ceil(throughput) - GP3.mibPerSecond),
        }
      : { ...{ type, sizeGib, iops: needed, paidIops: needed }, paidMibPerSecond: 0 };
    if (wanted.type === type && needed >= iops) return keep('It uses what it has.', measured);
    const from = monthlyPrice(prices, {
      ...{ type, sizeGib, paidIops: type === 'gp3' ? iops - GP3.iops : iops },
      paidMibPerSecond: type === 'gp3' ? Math.max(0, given - GP3.mibPerSecond) : 0,
    });
    const to = monthlyPrice(prices, wanted);
    if (from === undefined || to === undefined) return unknown(`the list prices of ${type} and gp3 in its region`);
    const share = savedShare(from.amount, to.amount);
    if (share === undefined || Number(share) < settings.minimumSavedShare)
      return keep('It uses what it has.', measured);
    return {
      verdict: 'recommend',
      action: {
        action: 'change-volume-type',
        parameters: {
          ...{ volumeType: wanted.type, iops: wanted.iops },
          ...(wanted.type === 'gp3' ? { throughputMibPerSecond: GP3.mibPerSecond + wanted.paidMibPerSecond } : {}),
        },
      },
      title:
        wanted.type === type
          ? `Lower the volume from ${iops} to ${wanted.iops} IOPS`
          : `Change the volume from ${type} with ${iops} IOPS to ${wanted.type} with ${wanted.iops}`,
      measured,
      rule: `Peak operations and ${Math.round(settings.headroom * 100)} percent more, over ${settings.lookBackDays} days.`,
      savings: [
        {
          resourceId: resource.resourceId,
          charges: (['storage', 'iops', 'throughput'] as const).flatMap((kind) => chargesOf(charges, kind)),
          savedShare: share,
          why: `storage and IOPS at the list price of ${wanted.type} with ${wanted.iops} IOPS instead of ${type} with ${iops}`,
          prices: [...from.prices, ...to.prices],
        },
      ],
      risk: wanted.type === type ? 'low' : 'medium',
      effort: 'low',
      notes: [
        'The change is made while the volume is used; it cannot be changed again for six hours.',
        ...(wanted.type === type
          ? []
          : ['gp3 has a higher latency than io1 and io2, and a lower durability than io2.']),
      ],
    };
  },
});
