import { expect, test } from 'vitest';
import { bundleGroups, type FoundIncident, groupIncidents, incidentId } from './grouping.ts';
import type { CostIncident } from './incidents.ts';

const DAY_MS = 86_400_000;
const dateOf = (day: number) => new Date(Date.parse('2026-03-02') + day * DAY_MS).toISOString().slice(0, 10);

type Shape = { from?: number; excess: number[]; usual: number; kind?: CostIncident['kind']; found?: number };

function incident({ from = 0, excess, usual, kind = 'increase', found = 0 }: Shape): CostIncident {
  const byDay = excess.map((more, index) => ({
    date: dateOf(from + index),
    cost: String(usual + more),
    expectedCost: String(usual),
  }));
  const sum = excess.reduce((one, other) => one + other, 0);
  return {
    kind,
    status: 'open',
    closedBecause: null,
    closedDate: null,
    startDate: dateOf(from),
    detectedDate: dateOf(from + found),
    endDate: dateOf(from + excess.length - 1),
    days: excess.length,
    cost: String(usual * excess.length + sum),
    expectedCost: String(usual * excess.length),
    impact: String(sum),
    peakDate: dateOf(from),
    peakCost: '0',
    peakExpectedCost: '0',
    peakDeviations: 9,
    peakPercent: 50,
    byDay,
  };
}

function found(dimensions: Record<string, string>, shape: Shape): FoundIncident {
  return { seriesKey: JSON.stringify(dimensions), dimensions, currency: 'USD', incident: incident(shape) };
}

const names = (one: FoundIncident) => Object.values(one.dimensions).join(' ') || 'all';
const outline = (all: FoundIncident[], known?: Map<string, string>) =>
  groupIncidents(all, known)
    .map(({ lead, views }) => `${names(lead)} < ${views.map(names).sort().join(', ')}`)
    .sort();

const everywhere = () => [
  found({}, { excess: [90, 92], usual: 8_000 }),
  found({ sub_account_id: 'shop' }, { excess: [98, 100], usual: 900 }),
  found({ service_name: 'Lambda' }, { excess: [100, 101], usual: 120 }),
  found({ sub_account_id: 'shop', service_name: 'Lambda' }, { excess: [100, 100], usual: 70 }),
  found({ service_name: 'Lambda', region_id: 'eu-west-1' }, { excess: [100, 100], usual: 110 }),
  found({ 'tag:team': 'checkout' }, { excess: [99, 100], usual: 40 }),
];

test('one incident that shows in organisation, account, service, region and tag is one group, told by the service of the account', () => {
  expect(outline(everywhere())).toEqual(['shop Lambda < Lambda, Lambda eu-west-1, all, checkout, shop']);
});

test('two problems of one day stay two, and the account in which both show belongs to the larger', () => {
  const all = [
    found({ sub_account_id: 'shop' }, { excess: [160, 160], usual: 900 }),
    found({ sub_account_id: 'shop', service_name: 'Lambda' }, { excess: [90, 90], usual: 70 }),
    found({ sub_account_id: 'shop', service_name: 'S3' }, { excess: [70, 70], usual: 70 }),
  ];
  expect(outline(all)).toEqual(['shop Lambda < shop', 'shop S3 < ']);
});

test('an account whose excess several services make up together joins the largest of them', () => {
  const services = ['EC2', 'RDS', 'S3', 'EKS'].map((service_name, index) =>
    found({ sub_account_id: 'shop', service_name }, { excess: [40 + index], usual: 100 }),
  );
  const all = [found({ sub_account_id: 'shop' }, { excess: [170], usual: 700 }), ...services];
  expect(outline(all)).toEqual(['shop EC2 < ', 'shop EKS < shop', 'shop RDS < ', 'shop S3 < ']);
});

test('what has another account, another beginning or another direction is another problem', () => {
  const lead = found({ sub_account_id: 'shop', service_name: 'Lambda' }, { excess: [100, 100], usual: 70 });
  const others = [
    found({ sub_account_id: 'lab' }, { excess: [100, 100], usual: 900 }),
    found({ 'tag:team': 'search' }, { from: -5, excess: [100, 100, 100, 100, 100, 100, 100], usual: 900 }),
    found({ service_name: 'Lambda' }, { excess: [-100, -100], usual: 900, kind: 'decrease' }),
  ];
  for (const other of others) expect(groupIncidents([lead, other])).toHaveLength(2);
});

test('what somebody was told of keeps leading when a smaller series shows it later', () => {
  const account = found({ sub_account_id: 'shop' }, { excess: [98, 100], usual: 900 });
  const service = found({ sub_account_id: 'shop', service_name: 'Lambda' }, { excess: [100, 100], usual: 70 });
  const known = new Map([[incidentId(account), incidentId(account)]]);
  expect(outline([account, service], known)).toEqual(['shop < shop Lambda']);
});

test('a view stays where it was although the cost it shows goes on for another reason', () => {
  const account = found({ sub_account_id: 'shop' }, { excess: [100, 100, 80, 80, 80, 80], usual: 900 });
  const service = found({ sub_account_id: 'shop', service_name: 'Lambda' }, { excess: [100, 100], usual: 70 });
  expect(outline([account, service])).toEqual(['shop Lambda < shop']);
});

test('the order in which series come changes nothing', () => {
  const all = everywhere();
  expect(outline([...all].reverse())).toEqual(outline(all));
});

test('three problems that begin together are bundled under what they have in common, two are not', () => {
  const at = (service_name: string, from: number, sub_account_id = 'shop') =>
    found({ sub_account_id, service_name }, { from, excess: [50], usual: 100 });
  const together = groupIncidents([at('EC2', 0), at('RDS', 0), at('S3', 1), at('EKS', 9), at('SQS', 9)]);
  const bundles = bundleGroups(together);
  expect(bundles.map(({ dimensions, groups }) => [dimensions, groups.length])).toEqual([
    [{ sub_account_id: 'shop' }, 3],
  ]);
  const apart = groupIncidents([at('EC2', 0), at('RDS', 0, 'lab'), at('S3', 1)]);
  expect(bundleGroups(apart)[0]?.dimensions).toEqual({});
});
