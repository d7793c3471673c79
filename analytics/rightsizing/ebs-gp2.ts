import { chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { type Evidence, numberOf, textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import { savedShare } from './saved-share.ts';
import type { SettingsOf } from './thresholds.ts';
import { GP3, gp2Iops, monthlyPrice } from './volume-prices.ts';

type Settings = SettingsOf<'ebs-gp2'>;

/** What one operation moves at most. Source: Amazon EBS User Guide, "I/O characteristics": 256 KiB on SSD. */
const MIB_PER_OPERATION = 0.25;
/** The most that gp2 moves, from 334 GiB on; below 171 GiB it is half. Source: "General Purpose SSD volumes". */
const GP2_MIB_PER_SECOND = { most: 250, small: 128, smallBelowGib: 171 };

export const ebsGp2 = defineCheck({
  id: 'ebs-gp2',
  version: '1',
  title: 'EBS volumes of type gp2',
  about:
    'A gp2 volume that would cost less as gp3 with at least the operations and throughput it uses; where its use is not measured, with all that gp2 gives it.',
  resourceTypes: ['ec2:volume'],
  needs: ({ lookBackDays }) => ({
    metrics: ['volume_operations', 'volume_bytes'].map((metric) => ({ metric, windowDays: lookBackDays })),
  }),
  evaluate(evidence, settings) {
    const { resource, charges, prices } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    // Of a volume that nothing uses it is first to be decided whether it stays.
    if (textOf(resource, 'volumeType') !== 'gp2' || resource.state !== 'in-use') return NOT_CONCERNED;
    const sizeGib = numberOf(resource, 'sizeGib');
    if (sizeGib === undefined) return unknown('its size');
    const { iops, mibPerSecond, measured } = wanted(evidence, settings, sizeGib);
    const from = monthlyPrice(prices, { type: 'gp2', sizeGib, paidIops: 0, paidMibPerSecond: 0 });
    const to = monthlyPrice(prices, {
      type: 'gp3',
      sizeGib,
      paidIops: Math.max(0, iops - GP3.iops),
      paidMibPerSecond: Math.max(0, mibPerSecond - GP3.mibPerSecond),
    });
    if (from === undefined || to === undefined) return unknown('the list prices of gp2 and gp3 in its region');
    const share = savedShare(from.amount, to.amount);
    if (share === undefined) return keep('With what it uses, gp3 would cost no less.', measured);
    return {
      verdict: 'recommend',
      action: {
        action: 'change-volume-type',
        parameters: { volumeType: 'gp3', iops, throughputMibPerSecond: mibPerSecond },
      },
      title: `Change the volume of ${sizeGib} GiB from gp2 to gp3`,
      measured,
      rule: `gp3 with ${iops} IOPS and ${mibPerSecond} MiB a second costs less than gp2 of this size.`,
      savings: [
        {
          resourceId: resource.resourceId,
          charges: chargesOf(charges, 'storage'),
          savedShare: share,
          why: 'storage at the list price of gp3 instead of gp2',
          prices: [...from.prices, ...to.prices],
        },
      ],
      risk: 'low',
      effort: 'low',
      notes: ['The change is made while the volume is used; it cannot be changed again for six hours.'],
    };
  },
});

/** What gp3 must be given: what is used, with headroom, where that is measured; else what gp2 gives. */
function wanted(
  { metrics }: Evidence,
  settings: Settings,
  sizeGib: number,
): { iops: number; mibPerSecond: number; measured: Measured[] } {
  const given = GP2_MIB_PER_SECOND[sizeGib < GP2_MIB_PER_SECOND.smallBelowGib ? 'small' : 'most'];
  const { volume_operations: operations, volume_bytes: bytes } = metrics;
  if (operations === undefined || missingMetrics(metrics, ['volume_operations'], settings.measuredShare).length > 0) {
    return {
      iops: Math.max(GP3.iops, gp2Iops(sizeGib)),
      mibPerSecond: Math.max(GP3.mibPerSecond, given),
      measured: [],
    };
  }
  const room = 1 + settings.headroom;
  const used = operations.max / operations.sampleSeconds;
  const isBytesKnown = missingMetrics(metrics, ['volume_bytes'], settings.measuredShare).length === 0;
  // However large its operations are, they move no more than this.
  const moved =
    bytes !== undefined && isBytesKnown ? bytes.max / bytes.sampleSeconds / 2 ** 20 : used * MIB_PER_OPERATION;
  return {
    iops: Math.min(GP3.mostIops, Math.max(GP3.iops, Math.ceil(used * room))),
    mibPerSecond: Math.max(GP3.mibPerSecond, Math.min(given, Math.ceil(moved * room))),
    measured: [
      { what: 'most operations a second', value: used, unit: null, limit: GP3.iops },
      { what: 'moved at most', value: moved, unit: 'MiB a second', limit: GP3.mibPerSecond },
    ],
  };
}
