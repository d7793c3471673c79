import { chargesOf } from './charges.ts';
import { defineCheck, keep, NOT_CONCERNED, unknown } from './check.ts';
import { textOf } from './evidence.ts';
import { hasAccelerator, instanceType, isArm, type PricedType, pricedTypes, systemOf } from './instance-type.ts';
import { savedShare } from './saved-share.ts';

export const ec2Graviton = defineCheck({
  id: 'ec2-graviton',
  version: '1',
  title: 'EC2 instances that could run on Graviton',
  about:
    'A Linux instance on x86 whose application already runs on Arm on another machine of the account, where the Graviton type of its size costs less. Without such a machine nobody can tell whether the software runs there.',
  resourceTypes: ['ec2:instance'],
  needs: () => ({
    related: [
      {
        name: 'sameApplication',
        resourceType: 'ec2:instance',
        on: ['application', 'Application', 'app', 'App'].map((key) => [
          [`tags.${key}`, `tags.${key}`],
          ['subAccountId', 'subAccountId'],
        ]),
      },
    ],
  }),
  evaluate(evidence, settings) {
    const { resource, charges, prices, related } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const type = instanceType(textOf(resource, 'instanceType'));
    if (resource.state !== 'running' || type === undefined || isArm(type)) return NOT_CONCERNED;
    if (systemOf(evidence) !== 'linux') return NOT_CONCERNED;
    if (!['m', 'c', 'r', 't'].includes(type.series) || hasAccelerator(type)) return NOT_CONCERNED;
    if (textOf(resource, 'autoScalingGroup') !== undefined || textOf(resource, 'eksNodegroup') !== undefined) {
      return keep('A group sets its type; the group is looked at as a whole.');
    }
    const siblings = (related.sameApplication ?? []).filter(({ resource: other }) => {
      const known = instanceType(textOf(other, 'instanceType'));
      return known !== undefined && isArm(known);
    });
    if (siblings.length === 0) return unknown('a machine of its application that shows the software runs on Arm');
    const types = pricedTypes(prices, 'linux');
    const current = types.find(({ name }) => name === type.name);
    if (current === undefined) return unknown(`the list price of ${type.name} in its region`);
    const target = types.find((one) => isCounterpart(one, current));
    const share = target && savedShare(current.price.listUnitPrice, target.price.listUnitPrice);
    if (target === undefined || share === undefined || Number(share) < settings.minimumSavedShare) {
      return keep('No Graviton type of its size costs enough less.');
    }
    return {
      verdict: 'recommend',
      action: { action: 'move-to-arm', parameters: { instanceType: target.name } },
      title: `Move from ${current.name} to ${target.name} on Graviton`,
      measured: [{ what: 'machines of its application on Arm', value: siblings.length, unit: null }],
      rule: 'Its application runs on Arm elsewhere in the account, and the Graviton type of at least its size costs less.',
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
      effort: 'high',
      notes: [
        'It takes a new instance from an image for Arm; the type of a running one cannot change its architecture.',
      ],
    };
  },
});

function isCounterpart(type: PricedType, current: PricedType): boolean {
  return (
    type.series === current.series &&
    type.options === 'g' &&
    type.generation >= current.generation &&
    type.vcpus >= current.vcpus &&
    type.memoryGib >= current.memoryGib
  );
}
