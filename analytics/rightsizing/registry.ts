import { asgIdle } from './asg-idle.ts';
import type { AnyCheck, AnyCommitmentCheck } from './check.ts';
import { commitmentCoverage } from './commitment-coverage.ts';
import { commitmentExpiring } from './commitment-expiring.ts';
import { commitmentUnused } from './commitment-unused.ts';
import { ebsGp2 } from './ebs-gp2.ts';
import { ebsIdle } from './ebs-idle.ts';
import { ebsProvisionedIops } from './ebs-provisioned-iops.ts';
import { ebsSnapshotOld } from './ebs-snapshot-old.ts';
import { ebsUnattached } from './ebs-unattached.ts';
import { ec2Graviton } from './ec2-graviton.ts';
import { ec2Idle } from './ec2-idle.ts';
import { ec2OffHours } from './ec2-off-hours.ts';
import { ec2Oversized } from './ec2-oversized.ts';
import { ec2PreviousGeneration } from './ec2-previous-generation.ts';
import { ec2Stopped } from './ec2-stopped.ts';
import { ecsIdle } from './ecs-idle.ts';
import { ecsOversized } from './ecs-oversized.ts';
import { ecsUnscaled } from './ecs-unscaled.ts';
import { eipUnattached } from './eip-unattached.ts';
import { eksNodegroupUnderused } from './eks-nodegroup-underused.ts';
import { eksRequests } from './eks-requests.ts';
import { elbIdle } from './elb-idle.ts';
import { extendedSupport } from './extended-support.ts';
import { lambdaConcurrency } from './lambda-concurrency.ts';
import { lambdaErrors } from './lambda-errors.ts';
import { lambdaMemory } from './lambda-memory.ts';
import { lambdaUnused } from './lambda-unused.ts';
import { natDoubled } from './nat-doubled.ts';
import { natIdle } from './nat-idle.ts';
import { rdsIdle } from './rds-idle.ts';
import { rdsOversized } from './rds-oversized.ts';

/** Every check there is. A new one is a file, a line here, and its thresholds in thresholds.ts. */
export const CHECKS: readonly AnyCheck[] = [
  asgIdle,
  ebsGp2,
  ebsIdle,
  ebsProvisionedIops,
  ebsSnapshotOld,
  ebsUnattached,
  ec2Graviton,
  ec2OffHours,
  ec2Oversized,
  ec2PreviousGeneration,
  ec2Stopped,
  eipUnattached,
  elbIdle,
  natDoubled,
  natIdle,
  ec2Idle,
  ecsIdle,
  ecsOversized,
  ecsUnscaled,
  eksNodegroupUnderused,
  eksRequests,
  extendedSupport,
  lambdaUnused,
  lambdaMemory,
  lambdaConcurrency,
  lambdaErrors,
  rdsIdle,
  rdsOversized,
];

/** Every check of commitments. */
export const COMMITMENT_CHECKS: readonly AnyCommitmentCheck[] = [
  commitmentUnused,
  commitmentExpiring,
  commitmentCoverage,
];
