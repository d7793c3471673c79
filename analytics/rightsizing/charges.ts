import type { SavingsPart } from './check.ts';
import type { Charge, RelatedEvidence } from './evidence.ts';

/** Kinds of charges, by how their usage types are spelled on the bill (AWS, "Understanding your usage types"). */
const KINDS = {
  compute: /(^|[-:])(BoxUsage|SpotUsage|DedicatedUsage|HeavyUsage|UnusedBox|ReservedHostUsage|EDP:BoxUsage|CPUCredits)/,
  storage: /EBS:VolumeUsage/,
  iops: /EBS:VolumeP-IOPS/,
  throughput: /EBS:VolumeP-Throughput/,
  database: /:db\./,
  fargateVcpu: /Fargate-((ARM|Windows)-)?vCPU-Hours/,
  fargateMemory: /Fargate-((ARM|Windows)-)?GB-Hours/,
  lambdaDuration: /Lambda(-Provisioned)?-GB-Second/,
  lambdaRequests: /(^|-)Request(-ARM)?$/,
  lambdaConcurrency: /Lambda-Provisioned-Concurrency/,
} as const;

export type ChargeKind = keyof typeof KINDS;

/** Returns the charges of one kind. */
export function chargesOf(charges: readonly Charge[], kind: ChargeKind): Charge[] {
  return charges.filter(({ usageType }) => usageType !== null && KINDS[kind].test(usageType));
}

/** Returns the part of a saving that takes away everything a resource costs. */
export function allChargesOf({ resource, charges }: Pick<RelatedEvidence, 'resource' | 'charges'>): SavingsPart {
  return { resourceId: resource.resourceId, charges, savedShare: '1', why: 'all charges' };
}
