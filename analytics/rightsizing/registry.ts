import type { AnyCheck, AnyCommitmentCheck } from './check.ts';
import { ec2Idle } from './ec2-idle.ts';
import { ecsIdle } from './ecs-idle.ts';
import { ecsOversized } from './ecs-oversized.ts';
import { ecsUnscaled } from './ecs-unscaled.ts';
import { eksNodegroupUnderused } from './eks-nodegroup-underused.ts';
import { eksRequests } from './eks-requests.ts';
import { lambdaConcurrency } from './lambda-concurrency.ts';
import { lambdaErrors } from './lambda-errors.ts';
import { lambdaMemory } from './lambda-memory.ts';
import { lambdaUnused } from './lambda-unused.ts';
import { rdsIdle } from './rds-idle.ts';
import { rdsOversized } from './rds-oversized.ts';

/** Every check there is. A new one is a file, a line here, and its thresholds in thresholds.ts. */
export const CHECKS: readonly AnyCheck[] = [
  ec2Idle,
  ecsIdle,
  ecsOversized,
  ecsUnscaled,
  eksNodegroupUnderused,
  eksRequests,
  lambdaUnused,
  lambdaMemory,
  lambdaConcurrency,
  lambdaErrors,
  rdsIdle,
  rdsOversized,
];

/** Every check of commitments. */
export const COMMITMENT_CHECKS: readonly AnyCommitmentCheck[] = [];
