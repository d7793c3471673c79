import { expect, test } from 'vitest';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { golden } from './golden.fixture.ts';
import { natIdle } from './nat-idle.ts';
import { settingsOf } from './thresholds.ts';

const gateway = (connections: number, inside: number, outside: number, hours = 336): Given => ({
  resource: { type: 'ec2:natgateway', state: 'available', configuration: {} },
  metrics: {
    active_connection_count: { max: connections, hours },
    bytes_in_from_source: { max: inside, sum: inside, hours },
    bytes_in_from_destination: { max: outside, sum: outside, hours },
  },
  charges: [{ usageType: 'NatGateway-Hours', effectiveCost: '32.4' }],
});
const deleted = { does: {}, saves: '32.85' };

golden(natIdle, [
  ['nothing at all', gateway(0, 0, 0), deleted],
  ['one connection', gateway(1, 0, 0), 'keep'],
  ['a byte from inside', gateway(0, 1, 0), 'keep'],
  ['a byte from outside', gateway(0, 0, 1), 'keep'],
  ['nine tenths of the hours measured', gateway(0, 0, 0, 303), deleted],
  ['less than that', gateway(0, 0, 0, 302), 'unknown'],
  [
    'one side not measured',
    { ...gateway(0, 0, 0), metrics: { active_connection_count: 0, bytes_in_from_source: 0 } },
    'unknown',
  ],
  ['being made', { ...gateway(0, 0, 0), resource: { state: 'pending' } }, 'not concerned'],
]);

test('one that no route leads to is a smaller risk, and needs no word on routes', () => {
  const verdict = (routeTables?: string[]) => {
    const resource = { type: 'ec2:natgateway', state: 'available', configuration: { routeTables } };
    return natIdle.evaluate(evidenceOf({ ...gateway(0, 0, 0), resource }), settingsOf('nat-idle'), new Date(0));
  };
  const routes = expect.stringContaining('Routes');
  expect(verdict([])).toMatchObject({ risk: 'low', notes: [expect.not.stringContaining('Routes')] });
  expect(verdict(['rtb-1'])).toMatchObject({ risk: 'medium', notes: [routes, expect.anything()] });
  expect(verdict()).toMatchObject({ risk: 'medium', notes: [routes, expect.anything()] });
});
