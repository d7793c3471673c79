import { chargesOf } from './charges.ts';
import { defineCheck, keep, NOT_CONCERNED, unknown } from './check.ts';
import { textOf } from './evidence.ts';
import { type InstanceType, instanceType, isArm, type PricedType, pricedTypes, systemOf } from './instance-type.ts';
import { savedShare } from './saved-share.ts';

export const ec2PreviousGeneration = defineCheck({
  id: 'ec2-previous-generation',
  version: '1',
  title: 'EC2 instances of a previous generation',
  about:
    'An instance of a general, compute, memory or burstable family that is generations old, where a newer type of at least its size costs less.',
  resourceTypes: ['ec2:instance'],
  needs: () => ({}),
  evaluate(evidence, settings) {
    const { resource, charges, prices } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const type = instanceType(textOf(resource, 'instanceType'));
    if (resource.state !== 'running' || type === undefined || !isOld(type, settings)) return NOT_CONCERNED;
    const system = systemOf(evidence);
    if (system === undefined) return unknown('a list price for its operating system');
    const types = pricedTypes(prices, system);
    const current = types.find(({ name }) => name === type.name);
    if (current === undefined) return unknown(`the list price of ${type.name} in its region`);
    const target = types.find((one) => isSuccessor(one, current, settings));
    const share = target && savedShare(current.price.listUnitPrice, target.price.listUnitPrice);
    if (target === undefined || share === undefined || Number(share) < settings.minimumSavedShare) {
      return keep('No newer type of its size costs less.');
    }
    return {
      verdict: 'recommend',
      action: { action: 'resize-instance', parameters: { instanceType: target.name } },
      title: `Move from ${current.name} to the newer ${target.name}`,
      measured: [
        { what: 'vCPUs and memory of the new type', value: `${target.vcpus}, ${target.memoryGib} GiB`, unit: null },
      ],
      rule: `Families older than generation ${oldestOf(type, settings)} move to a newer type of at least their size that costs less.`,
      savings: [
        {
          resourceId: resource.resourceId,
          charges: chargesOf(charges, 'compute').filter(
            ({ instanceType: of }) => (of ?? current.name) === current.name,
          ),
          savedShare: share,
          why: `instance hours at the list price of ${target.name} instead of ${current.name}`,
          prices: [current.price, target.price],
        },
      ],
      risk: 'medium',
      effort: 'medium',
      notes: ['Newer types need an image with drivers for ENA and NVMe; try it with a copy first.'],
    };
  },
});

interface Oldest {
  oldestGeneration: number;
  oldestBurstableGeneration: number;
}

const oldestOf = ({ series }: InstanceType, settings: Oldest): number =>
  series === 't' ? settings.oldestBurstableGeneration : settings.oldestGeneration;

function isOld(type: InstanceType, settings: Oldest): boolean {
  return ['m', 'c', 'r', 't'].includes(type.series) && type.generation < oldestOf(type, settings);
}

/** Of the same kind, with a processor of the same maker, and at least as large. */
function isSuccessor(type: PricedType, current: PricedType, settings: Oldest): boolean {
  return (
    type.series === current.series &&
    !isOld(type, settings) &&
    !isArm(type) &&
    (type.options === '' || type.options === 'i') &&
    type.vcpus >= current.vcpus &&
    type.memoryGib >= current.memoryGib
  );
}
