import { defineCheck, NOT_CONCERNED } from './check.ts';
import { textOf } from './evidence.ts';

/** How AWS spells it for EKS ('AmazonEKS-Hours:extendedSupport') and RDS ('ExtendedSupport:Yr1-Yr2:PostgreSQL12'). */
const EXTENDED_SUPPORT = /extended-?support/i;

export const extendedSupport = defineCheck({
  id: 'extended-support',
  version: '1',
  title: 'Versions that AWS charges extra for',
  about:
    'A Kubernetes cluster or a database whose version left standard support: AWS charges for extended support by the hour until it is upgraded. The bill alone shows it.',
  resourceTypes: ['eks:cluster', 'rds:db'],
  needs: () => ({}),
  evaluate({ resource, charges }) {
    const extra = charges.filter(({ usageType }) => EXTENDED_SUPPORT.test(usageType ?? ''));
    if (extra.length === 0) return NOT_CONCERNED;
    const version = textOf(resource, 'version') ?? textOf(resource, 'engineVersion');
    return {
      verdict: 'recommend',
      action: { action: 'upgrade-version', parameters: { resourceId: resource.resourceId } },
      title: version === undefined ? 'Upgrade to a version in standard support' : `Upgrade from ${version}`,
      measured: extra.map(({ usageType, quantity, pricingUnit }) => ({
        what: usageType ?? '',
        value: Number(quantity),
        unit: pricingUnit,
      })),
      rule: 'The bill charges for extended support.',
      savings: [
        {
          resourceId: resource.resourceId,
          charges: extra,
          savedShare: '1',
          why: 'what extended support costs; the rest of the resource stays',
        },
      ],
      risk: 'medium',
      effort: 'high',
      notes: ['An upgrade is one version after the other, and each has to be tried with what runs on it.'],
    };
  },
});
