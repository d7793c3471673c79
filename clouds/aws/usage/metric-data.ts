import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { PennyError } from '../../../errors.ts';
import type { UsageHour } from '../../contract.ts';
import type { AwsPlace } from '../place.ts';
import type { Series } from './series.ts';

/** Queries one call takes, and data points it gives at most. Source: the reference of GetMetricData. */
export const QUERIES_PER_CALL = 500;
const POINTS_PER_CALL = 100_800;

/** Asked for together, the statistics of a metric are paid for once. */
const STATISTICS = ['Average', 'Maximum', 'p95', 'SampleCount'] as const;

const HOUR_MS = 3_600_000;

/** Hours one call may span when it is full. */
export const HOURS_PER_CALL = Math.floor(POINTS_PER_CALL / QUERIES_PER_CALL);

/** Returns series in batches that fill a call as far as whole series go. */
export function inBatches(series: readonly Series[]): Series[][] {
  const batches: Series[][] = [];
  let room = 0;
  for (const one of series) {
    const queries = one.parts.length * STATISTICS.length;
    if (queries > room) {
      batches.push([]);
      room = QUERIES_PER_CALL;
    }
    batches.at(-1)?.push(one);
    room -= queries;
  }
  return batches;
}

/** Values by hour (in milliseconds) of each query by its id, and whether those are all there are. */
type Answers = Map<string, { values: Map<number, number>; isComplete: boolean }>;

/** Returns the hours that CloudWatch has of a batch of series, from `from` to before `to` (in milliseconds). */
export async function readBatch(
  place: AwsPlace,
  batch: readonly Series[],
  { from, to }: { from: number; to: number },
): Promise<UsageHour[]> {
  const queries = batch.flatMap(queriesOf);
  const answers: Answers = new Map();
  let token: string | undefined;
  do {
    const { MetricDataResults, NextToken } = await place.client(CloudWatchClient).send(
      new GetMetricDataCommand({
        StartTime: new Date(from),
        EndTime: new Date(to),
        MetricDataQueries: queries,
        ScanBy: 'TimestampAscending',
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    for (const { Id = '', Timestamps = [], Values = [], StatusCode } of MetricDataResults ?? []) {
      if (StatusCode === 'Forbidden')
        throw new PennyError('cloud_denied', 'AWS denied a metric of CloudWatch.GetMetricData.');
      if (StatusCode === 'InternalError')
        throw new PennyError('cloud_unavailable', 'CloudWatch could not read a metric.');
      const known = answers.get(Id) ?? { values: new Map<number, number>(), isComplete: false };
      known.isComplete = StatusCode === 'Complete';
      for (const [index, instant] of Timestamps.entries()) {
        const value = Values[index];
        if (value !== undefined && Number.isFinite(value)) known.values.set(hourOf(instant), value);
      }
      answers.set(Id, known);
    }
    token = NextToken;
  } while (token !== undefined);
  return batch.flatMap((series, index) => hoursOf(series, index, answers, { from, to }));
}

function queriesOf(series: Series, index: number): MetricDataQuery[] {
  return series.parts.flatMap(({ name: MetricName, dimensions }, part) => {
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    return STATISTICS.map((Stat) => ({
      Id: idOf(index, part, Stat),
      MetricStat: { Metric: { Namespace: series.namespace, MetricName, Dimensions }, Period: HOUR_MS / 1000, Stat },
    }));
  });
}

/** Ids begin with a small letter. */
function idOf(index: number, part: number, statistic: (typeof STATISTICS)[number]): string {
  return `s${index}_${part}_${statistic}`;
}

function hoursOf(series: Series, index: number, answers: Answers, span: { from: number; to: number }): UsageHour[] {
  const parts = series.parts.map(({ times = 1 }, part) => {
    const of = (statistic: (typeof STATISTICS)[number]) => answers.get(idOf(index, part, statistic))?.values;
    return { times, avg: of('Average'), max: of('Maximum'), p95: of('p95'), samples: of('SampleCount') };
  });
  const isComplete = answers.get(idOf(index, 0, 'Average'))?.isComplete ?? false;
  const hours: UsageHour[] = [];
  for (let hour = span.from; hour < span.to; hour += HOUR_MS) {
    const sum = (of: 'avg' | 'max' | 'p95') => addUp(parts.map((part) => scaled(part[of]?.get(hour), part.times)));
    const [avg, max, p95] = [sum('avg'), sum('max'), sum('p95')];
    const row = { resourceId: series.resourceId, metric: series.metric, hour: new Date(hour).toISOString() };
    if (avg !== null && max !== null) {
      const sampleCount = Math.max(1, ...parts.map(({ samples }) => Math.round(samples?.get(hour) ?? 1)));
      // Of a constant, the mean of many samples may differ from the highest in its last digit.
      hours.push({ ...row, avg: Math.min(avg, max), max, p95, sampleCount });
    } else if (isComplete && series.zeroFrom !== null && hour >= series.zeroFrom) {
      hours.push({ ...row, avg: 0, max: 0, p95: 0, sampleCount: 1 });
    }
  }
  return hours;
}

function scaled(value: number | undefined, times: number): number | undefined {
  return value === undefined ? undefined : value * times;
}

/** Returns the sum of values, null when one is not known. */
function addUp(values: readonly (number | undefined)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return null;
    sum += value;
  }
  return sum;
}

function hourOf(instant: Date): number {
  return Math.floor(instant.getTime() / HOUR_MS) * HOUR_MS;
}
