import type { Slots } from './slots.ts';

/** What people call the things that checks look at, and what is wrong with them, in their own words. */
interface CheckWords {
  check: string;
  thing: RegExp;
  wrong: RegExp;
}

const INSTANCE = /\b(ec2|instances?|machines?|servers?|vms?|virtual machines?|compute|boxes)\b/i;
const VOLUME = /\b(ebs|volumes?|disks?)\b/i;
const SNAPSHOT = /\bsnapshots?\b/i;
const ADDRESS = /\b(eips?|elastic ips?|ip address(es)?|public ips?|addresses)\b/i;
const NAT = /\bnat\b/i;
const BALANCER = /\b(load balancers?|elbs?|albs?|nlbs?)\b/i;
const ECS = /\b(ecs|fargate|tasks?|containers?)\b/i;
const EKS = /\b(eks|kubernetes|k8s|node ?groups?|nodes?|pods?|clusters?)\b/i;
const LAMBDA = /\b(lambdas?|functions?|serverless)\b/i;
const DATABASE = /\b(rds|databases?|dbs?|aurora)\b/i;
const COMMITMENT = /\b(savings? plans?|reserved|reservations?|ris?|commitments?|commit|committed)\b/i;

const IDLE =
  /\b(idle|unused|unneeded|abandon\w*|zombie|not (being )?used|nobody uses|turn(ed)? off|shut ?down|stop|delete|remove|terminate|get rid)\b/i;
const LARGE =
  /\b(over[- ]?siz\w*|over[- ]?provision\w*|right[- ]?siz\w*|downsiz\w*|under[- ]?utili[sz]\w*|under[- ]?used|too (large|big)|smaller|resize|headroom)\b/i;
const OLDER = /\b(old(er)?|previous|outdated|legacy|moderni[sz]\w*|upgrade|generation)\b/i;
const LOOSE = /\b(unattached|orphan\w*|detached|unused|idle|not attached|not associated|stale|old)\b/i;

const CHECKS: readonly CheckWords[] = [
  { check: 'ec2-idle', thing: INSTANCE, wrong: IDLE },
  { check: 'asg-idle', thing: /\b(auto ?scaling|asgs?|instances?|ec2)\b/i, wrong: IDLE },
  { check: 'ec2-oversized', thing: INSTANCE, wrong: LARGE },
  { check: 'ec2-previous-generation', thing: INSTANCE, wrong: OLDER },
  { check: 'ec2-graviton', thing: INSTANCE, wrong: /\b(graviton|arm|arm64)\b/i },
  { check: 'ec2-stopped', thing: INSTANCE, wrong: /\b(stopped|powered off)\b/i },
  { check: 'ec2-off-hours', thing: INSTANCE, wrong: /\b(off[- ]hours|nights?|weekends?|schedul\w*|business hours)\b/i },
  { check: 'ebs-unattached', thing: VOLUME, wrong: LOOSE },
  { check: 'ebs-idle', thing: VOLUME, wrong: IDLE },
  { check: 'ebs-gp2', thing: VOLUME, wrong: /\b(gp2|gp3|old(er)?|previous|upgrade|migrate)\b/i },
  { check: 'ebs-provisioned-iops', thing: VOLUME, wrong: /\b(iops|io1|io2|over[- ]?provision\w*|over[- ]?siz\w*)\b/i },
  { check: 'ebs-snapshot-old', thing: SNAPSHOT, wrong: LOOSE },
  { check: 'eip-unattached', thing: ADDRESS, wrong: LOOSE },
  { check: 'nat-idle', thing: NAT, wrong: IDLE },
  { check: 'nat-doubled', thing: NAT, wrong: /\b(doubled?|duplicate\w*|redundant)\b/i },
  { check: 'elb-idle', thing: BALANCER, wrong: IDLE },
  { check: 'ecs-idle', thing: ECS, wrong: IDLE },
  { check: 'ecs-oversized', thing: ECS, wrong: LARGE },
  { check: 'ecs-unscaled', thing: ECS, wrong: /\b(auto ?scaling|scal\w+)\b/i },
  { check: 'eks-nodegroup-underused', thing: EKS, wrong: new RegExp(`${LARGE.source}|${IDLE.source}`, 'i') },
  { check: 'eks-requests', thing: EKS, wrong: new RegExp(`${LARGE.source}|\\brequests?\\b`, 'i') },
  { check: 'lambda-unused', thing: LAMBDA, wrong: IDLE },
  { check: 'lambda-memory', thing: LAMBDA, wrong: new RegExp(`${LARGE.source}|\\bmemory\\b`, 'i') },
  { check: 'lambda-concurrency', thing: LAMBDA, wrong: new RegExp(`${LARGE.source}|\\bconcurrency\\b`, 'i') },
  { check: 'lambda-errors', thing: LAMBDA, wrong: /\b(errors?|timeouts?|fail\w*)\b/i },
  { check: 'rds-idle', thing: DATABASE, wrong: IDLE },
  { check: 'rds-oversized', thing: DATABASE, wrong: LARGE },
  {
    check: 'extended-support',
    thing: /\b(extended support|rds|eks)\b/i,
    wrong: /\b(extended support|old(er)?|outdated|versions?)\b/i,
  },
  { check: 'commitment-coverage', thing: COMMITMENT, wrong: /\b(buy|purchase|commit|cover\w*|should)\b/i },
  { check: 'commitment-unused', thing: COMMITMENT, wrong: /\b(unused|waste\w*|idle|under[- ]?utili[sz]\w*)\b/i },
  { check: 'commitment-expiring', thing: COMMITMENT, wrong: /\b(expir\w*|end\w*|run\w* out|renew\w*)\b/i },
];

/** Which checks a text is about: those of its things and of what is wrong with them; none where it names neither. */
export function checksSought(text: string): string[] {
  const things = CHECKS.filter(({ thing }) => thing.test(text));
  const wrong = CHECKS.filter(({ wrong: finding }) => finding.test(text));
  if (things.length === 0) return wrong.map(({ check }) => check);
  const both = things.filter((one) => wrong.includes(one));
  return (both.length > 0 ? both : things).map(({ check }) => check);
}

/** The input of `find_recommendations`, from the pieces of a question. */
export function recommendationsInput(slots: Slots): Record<string, unknown> {
  const { reading, filters, limit, threshold } = slots;
  const named = (dimension: string) =>
    filters.find((filter) => filter.dimension === dimension && filter.operator === 'in')?.values[0];
  const environment = filters.find(({ dimension }) => /^tag:(env|environment|stage)$/i.test(dimension))?.values[0];
  const tags = filters.flatMap(({ dimension, operator, values }) =>
    dimension.startsWith('tag:') && operator === 'in' && values[0] !== undefined && values[0] !== environment
      ? [{ key: dimension.slice(4), value: values[0] }]
      : [],
  );
  const checks = checksSought(reading.text);
  // A thing named by its service is told by its checks: volumes and addresses lie in EC2's service on the bill.
  const isThing = CHECKS.some(({ thing }) => thing.test(reading.text));
  const input = {
    checks: checks.length === 0 ? undefined : checks,
    text: named('resource_id'),
    service: isThing ? undefined : named('service_name'),
    account: named('sub_account_id'),
    region: named('region_id'),
    environment,
    tags: tags.length === 0 ? undefined : tags,
    states: /\bdismissed\b/i.test(reading.text) ? ['dismissed'] : undefined,
    minimumSavings: threshold?.kind === 'minimum' && !threshold.percent ? threshold.amount : undefined,
    limit: limit ?? undefined,
  };
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
