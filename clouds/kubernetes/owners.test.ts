import { expect, test } from 'vitest';
import { keyOf, ownersOf } from './owners.ts';

const series = (labels: Record<string, string>) => ({
  labels: { cluster: 'main', namespace: 'shop', ...labels },
  values: [],
});
const owned = (by: string, labels: Record<string, string>) => {
  const [owner_kind = '', owner_name = ''] = by.split(' ');
  return series({ ...labels, owner_kind, owner_name });
};

test('a pod belongs to what a person wrote, however much stands in between', () => {
  const owners = ownersOf(
    {
      pods: [
        owned('ReplicaSet cart-7d9', { pod: 'cart-7d9-a' }),
        owned('ReplicaSet canary-5c1', { pod: 'canary-5c1-a' }),
        owned('ReplicaSet lonely', { pod: 'lonely-a' }),
        owned('Job report-289', { pod: 'report-289-x' }),
        owned('Job once', { pod: 'once-x' }),
        owned('StatefulSet store', { pod: 'store-0' }),
        owned('Node ip-10-0-0-1', { pod: 'kube-proxy-1' }),
        owned('<none> <none>', { pod: 'bare' }),
        owned('', { pod: 'bare-too' }),
      ],
      replicaSets: [
        owned('Deployment cart', { replicaset: 'cart-7d9' }),
        owned('Rollout canary', { replicaset: 'canary-5c1' }),
        owned('<none> <none>', { replicaset: 'lonely' }),
        // Of the same name in another namespace.
        owned('Deployment other', { replicaset: 'cart-7d9', namespace: 'lab' }),
      ],
      jobs: [owned('CronJob report', { job_name: 'report-289' }), owned('', { job_name: 'once' })],
    },
    ({ cluster = '' }) => cluster,
  );
  expect([...owners].map(([key, { kind, name }]) => `${key.split('\n')[2]}: ${kind} ${name}`)).toEqual([
    'cart-7d9-a: deployment cart',
    'canary-5c1-a: rollout canary',
    'lonely-a: replicaset lonely',
    'report-289-x: cronjob report',
    'once-x: job once',
    'store-0: statefulset store',
    'kube-proxy-1: pod kube-proxy-1',
    'bare: pod bare',
    'bare-too: pod bare-too',
  ]);
  expect(owners.get(keyOf('main', 'shop', 'store-0'))).toMatchObject({ cluster: 'main', namespace: 'shop' });
});
