import type { ChangeTruth, EventTruth, RemediationTruth, Truth } from '../clouds/demo/truth-shape.ts';
import type { Alert } from './anomaly-walk.ts';

const DAY_MS = 86_400_000;
const WORTH = 50;

const dayOf = (date: string) => Date.parse(date) / DAY_MS;
const dateOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The first day by which what was planted had cost (or saved) 50: even from day to day, but for what drifts, which grows evenly. */
export function worthOn({ shape, from, to, impact }: EventTruth): string {
  const days = dayOf(to) - dayOf(from);
  const size = Math.abs(Number(impact));
  const after = (count: number) =>
    shape === 'slow drift' ? (size * count * (count + 1)) / (days * (days + 1)) : (size * count) / days;
  let count = 1;
  while (count < days && after(count) < WORTH) count += 1;
  return dateOf(dayOf(from) + count - 1);
}

/** The bill's names of services by their product codes. */
export function serviceNames(truth: Truth): Map<string, string> {
  return new Map(truth.services.map(({ productCode, service }) => [productCode, service]));
}

/** Dimensions of the truth by their names on the bill. */
function dimensionsOf(planted: Record<string, string>, names: ReadonlyMap<string, string>): Record<string, string> {
  const { service, account, region, resource, usageType } = planted;
  return {
    ...(service === undefined ? {} : { service_name: names.get(service) ?? service }),
    ...(account === undefined ? {} : { sub_account_id: account }),
    ...(region === undefined ? {} : { region_id: region }),
    ...(resource === undefined ? {} : { resource_id: resource }),
    ...(usageType === undefined ? {} : { x_usage_type: usageType }),
  };
}

/** Whether an alert is about what was planted: a series it shows in holds it, in its days and its direction. */
export function isAbout(alert: Alert, planted: EventTruth, names: ReadonlyMap<string, string>): boolean {
  const wanted = dimensionsOf(planted.dimensions, names);
  return alert.members.some(
    ({ dimensions, direction, startDate, endDate }) =>
      (dimensions.service_name !== undefined || dimensions.sub_account_id !== undefined) &&
      Object.entries(dimensions).every(([name, value]) =>
        name === 'x_usage_type' && wanted[name] === undefined
          ? isNamedRight(alert, planted, names)
          : wanted[name] === value,
      ) &&
      direction === (Number(planted.impact) < 0 ? 'down' : 'up') &&
      // A slow rise is told with the days on which it was one for certain.
      startDate < planted.to &&
      endDate >= planted.from &&
      dayOf(startDate) >= dayOf(planted.from) - 1,
  );
}

/** Whether the cause, as it was told on that day, names all that the truth does: service, account, region, resource, usage type. */
export function isNamedRight({ causes }: Alert, planted: EventTruth, names: ReadonlyMap<string, string>): boolean {
  const wanted = Object.entries(dimensionsOf(planted.dimensions, names));
  return causes.some(({ cause }) => {
    const named = new Map(cause.named.map(({ dimension, value }) => [dimension, value]));
    return wanted.every(([name, value]) => named.get(name) === value);
  });
}

/** Why an alert is not false although nothing was planted as an anomaly there: the truth lists a change, a clean-up or a plan. */
export function listedReason(alert: Alert, truth: Truth, names: ReadonlyMap<string, string>): string | undefined {
  const campaign = truth.plannedEvents.find(({ from }) => isCampaign(alert, from));
  if (campaign !== undefined) return campaign.id;
  const change = truth.changes.find((one) => isOfChange(alert, one, names));
  if (change !== undefined) return change.id;
  return truth.remediations.find((one) => isOfRemediation(alert, one))?.action;
}

/** A campaign brings more use of what is there, from its first or second day on. */
function isCampaign({ anomaly, causes }: Alert, from: string): boolean {
  const late = dayOf(anomaly.startDate) - dayOf(from);
  return (
    late >= 0 &&
    late <= 1 &&
    anomaly.direction === 'up' &&
    causes.every(({ cause }) => cause.components[0]?.component === 'usage')
  );
}

/** Days within which an alert begins that a change brings about; a slow rise begins when it is one for certain. */
const NEAR_DAYS = 7;

const isNear = (alert: Alert, date: string): boolean =>
  Math.abs(dayOf(alert.anomaly.startDate) - dayOf(date)) <= NEAR_DAYS;

function isOfChange(
  alert: Alert,
  { date, kind, dimensions, before, after }: ChangeTruth,
  names: ReadonlyMap<string, string>,
): boolean {
  if (!isNear(alert, date)) return false;
  // A Savings Plan that ends or begins moves the cost of whatever it covered.
  if (kind === 'commitment') {
    return alert.causes.some(({ cause }) => ['commitment', 'price'].includes(cause.components[0]?.component ?? ''));
  }
  if (Number(after) < Number(before) !== (alert.anomaly.direction === 'down')) return false;
  const wanted = dimensionsOf(dimensions, names);
  return alert.causes.some(({ cause }) =>
    ['service_name', 'sub_account_id'].every((name) =>
      cause.named.some(({ dimension, value }) => dimension === name && value === wanted[name]),
    ),
  );
}

function isOfRemediation(
  { anomaly, causes }: Alert,
  { date, accountId, revertedOn, resourceIds }: RemediationTruth,
): boolean {
  const on = anomaly.direction === 'down' ? date : revertedOn;
  if (on === undefined || Math.abs(dayOf(anomaly.startDate) - dayOf(on)) > NEAR_DAYS) return false;
  return causes.some(
    ({ cause }) =>
      cause.named.some(({ dimension, value }) => dimension === 'sub_account_id' && value === accountId) &&
      (cause.resources.length === 0 ||
        cause.resources.some(({ value }) => resourceIds.includes(value)) ||
        anomaly.direction === 'down'),
  );
}
