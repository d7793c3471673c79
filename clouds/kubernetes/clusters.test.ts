import { expect, test } from 'vitest';
import { knownCluster } from './clusters.fixture.ts';
import { clusterOf, matchClusters } from './clusters.ts';

const LABEL = { label: 'cluster', otherwise: undefined };

test('a cluster is known by its name or its ARN', () => {
  const [main, lab] = [knownCluster('main'), knownCluster('lab')];
  const { clusters, gaps } = matchClusters(['main', lab.resourceId, 'main'], [main, lab], LABEL);
  expect([...clusters]).toEqual([
    ['main', main],
    [lab.resourceId, lab],
  ]);
  expect(gaps).toEqual([]);
});

test('a name that nobody, or more than one, goes by is told', () => {
  const main = knownCluster('main');
  const twin = { ...main, resourceId: main.resourceId.replace('eu-west-1', 'us-east-1'), regionId: 'us-east-1' };
  const { clusters, gaps } = matchClusters(['', 'main', 'lab'], [main, twin], LABEL);
  expect(clusters.size).toBe(0);
  expect(
    gaps.map(({ cluster, reason }) => [
      cluster,
      /PENNY_KUBERNETES_CLUSTER |not in the inventory|ARNs/.exec(reason)?.[0],
    ]),
  ).toEqual([
    ['', 'PENNY_KUBERNETES_CLUSTER '],
    ['main', 'ARNs'],
    ['lab', 'not in the inventory'],
  ]);
});

test('series without a label are of the cluster that the settings name', () => {
  expect(clusterOf({ label: 'cluster', otherwise: 'main' }, { pod: 'a' })).toBe('main');
  expect(clusterOf({ label: 'cluster', otherwise: 'main' }, { cluster: 'lab' })).toBe('lab');
  expect(clusterOf(LABEL, {})).toBe('');
});
