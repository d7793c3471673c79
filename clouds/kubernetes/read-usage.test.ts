import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CloudResource, UsageHour } from '../contract.ts';
import { knownCluster } from './clusters.fixture.ts';
import { queriesOf } from './queries.ts';
import { readUsage } from './read-usage.ts';
import { sourceOf } from './source.ts';
import { type Asked, failure, type Given, openPrometheusWire, type PrometheusWire, success } from './wire.fixture.ts';

let folder: string;
let wire: PrometheusWire;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penny-workloads-'));
});
afterEach(async () => {
  await wire.close();
  rmSync(folder, { recursive: true });
});

const HOUR = 3600;
const FROM = Date.parse('2026-03-01T00:00:00Z') / 1000;
const QUERIES = queriesOf('cluster');
const main = knownCluster('main');
const POD = { cluster: 'main', namespace: 'shop', pod: 'store-0', container: 'store' };
const store = { resourceId: `${main.resourceId}/shop/statefulset/store/store` } as CloudResource;

const hoursOf = ({ form }: Asked) => (Number(form.get('end')) - Number(form.get('start')) + 300) / HOUR;

/** A container that uses a quarter of a core, as far as `trouble` does not say otherwise. */
function answer(trouble: (asked: Asked) => Given | undefined) {
  return (asked: Asked): Given => {
    const query = asked.form.get('query') ?? '';
    const given = trouble(asked);
    if (given !== undefined) return given;
    if (query === QUERIES.usage.cpu) {
      const [start, end] = [Number(asked.form.get('start')), Number(asked.form.get('end'))];
      const values = Array.from({ length: (end - start) / 300 + 1 }, (_, index) => [start + index * 300, '0.25']);
      return success([{ metric: POD, values }]);
    }
    if (query.includes('kube_pod_owner'))
      return success([
        {
          metric: { ...POD, owner_kind: 'StatefulSet', owner_name: 'store' },
          value: [Number(asked.form.get('time')), '1'],
        },
      ]);
    return success([]);
  };
}

async function read(trouble: (asked: Asked) => Given | undefined, hours: number) {
  wire = await openPrometheusWire(answer(trouble));
  const source = sourceOf(wire.prometheus, { label: 'cluster', otherwise: undefined });
  const [from, to] = [new Date(FROM * 1000), new Date((FROM + hours * HOUR) * 1000)];
  const progress: [number, number][] = [];
  const usage = await readUsage(
    source,
    { folder, onProgress: (...step) => progress.push(step) },
    { clusters: new Map([['main', main]]), workloads: [store], from, to },
  );
  const rows: UsageHour[] = [];
  for await (const row of usage.hours) rows.push(row);
  usage.close();
  expect(readdirSync(folder)).toEqual([]);
  const measured = rows.filter(({ metric }) => metric === 'cpu_cores').map(({ hour }) => hour.slice(11, 13));
  const spans = wire.asked.filter(({ form }) => form.get('query') === QUERIES.usage.cpu).map(hoursOf);
  return { ...usage, measured, spans, progress };
}

test('a time is asked for in pieces, and where that is too much in smaller ones', async () => {
  const { measured, spans, readThrough, reason, progress } = await read(
    (asked) => (asked.form.has('end') && hoursOf(asked) > 2 ? failure(422, 'execution') : undefined),
    7,
  );
  expect(spans).toEqual([6, 3, 1, 1, 1, 1, 1, 1, 1]);
  expect(measured).toEqual(['00', '01', '02', '03', '04', '05', '06']);
  expect([readThrough, reason]).toEqual([new Date((FROM + 7 * HOUR) * 1000), null]);
  expect(progress.at(-1)).toEqual([7, 7]);
});

test('an hour that is too much even alone ends the reading there', async () => {
  const { measured, readThrough, reason } = await read(() => failure(422, 'execution'), 3);
  expect(measured).toEqual([]);
  expect(readThrough).toEqual(new Date(FROM * 1000));
  expect(reason).toContain('execution');
});

test('an answer in part, and an outage, end the reading at the last piece that was whole', async () => {
  const late = (asked: Asked) => Number(asked.form.get('end') ?? asked.form.get('time')) > FROM + 6 * HOUR;
  for (const given of [success([], ['some stores are away']), { status: 502, body: 'busy' }]) {
    const { measured, readThrough, reason } = await read((asked) => (late(asked) ? given : undefined), 12);
    expect(measured).toEqual(['00', '01', '02', '03', '04', '05']);
    expect(readThrough).toEqual(new Date((FROM + 6 * HOUR) * 1000));
    expect(reason).toMatch(/in part|502/);
    await wire.close();
  }
});

test('usage of a part of an hour cannot be asked for', async () => {
  await expect(read(() => undefined, 0.5)).rejects.toMatchObject({ code: 'invalid_input' });
});
