import { elbIdle } from './elb-idle.ts';
import type { Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';

const balancer = (type: string, metrics: Given['metrics'], healthyTargets?: number): Given => ({
  resource: {
    ...{ type: 'elasticloadbalancing:loadbalancer', state: 'active' },
    configuration: { type, ...(healthyTargets === undefined ? {} : { healthyTargets }) },
  },
  ...(metrics === undefined ? {} : { metrics }),
  charges: [{ usageType: 'LoadBalancerUsage', effectiveCost: '16.2' }],
});
const requests = (maxDaySum: number, hours = 336) => ({ request_count: { maxDaySum, hours } });
const deleted = { does: {}, saves: '16.43' };

golden(elbIdle, [
  ['no request and no target', balancer('application', requests(0), 0), deleted],
  ['99 requests on its busiest day', balancer('application', requests(99), 2), deleted],
  ['a hundred requests', balancer('application', requests(100), 2), 'keep'],
  ['requests that no target answers', balancer('application', requests(5000), 0), 'keep'],
  ['a network one without a flow', balancer('network', { active_flow_count: 0 }, 3), deleted],
  ['a network one with a flow', balancer('network', { active_flow_count: 1 }, 3), 'keep'],
  ['too few hours measured', balancer('application', requests(0, 167), 0), 'unknown'],
  ['not measured', balancer('application', {}, 0), 'unknown'],
  ['a classic one without requests', balancer('classic', requests(0), 0), deleted],
  ['a classic one with a hundred requests', balancer('classic', requests(100), 2), 'keep'],
  ['a gateway one without a flow', balancer('gateway', { active_flow_count: 0 }, 2), deleted],
  ['a gateway one with a flow', balancer('gateway', { active_flow_count: 1 }, 2), 'keep'],
  ['a gateway one that is not measured', balancer('gateway', {}), 'unknown'],
  ['one of a kind nobody knows', balancer('other', {}), 'not concerned'],
]);
