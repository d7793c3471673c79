import type { Anomaly } from '../analytics/detection/anomalies.ts';
import type { FoundIncident } from '../analytics/detection/grouping.ts';
import { quietBecause, type Said } from '../analytics/detection/quiet.ts';
import { addDecimals, subtractDecimals } from '../analytics/money.ts';
import { explainAnomalies, type FoundCause } from '../jobs/find-causes.ts';

/** What people are told on one day: an anomaly, or a bundle with its parts, with all the series it shows in. */
export interface Alert {
  judgedThrough: string;
  anomaly: Anomaly;
  /** The leads: the anomaly itself, or the parts of a bundle. */
  leads: Anomaly[];
  members: Anomaly[];
  causes: FoundCause[];
}

const DAY_MS = 86_400_000;
const dateAfter = (date: string, days: number) => new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

/** Days `[from, through]`, one after another. */
export function daysBetween(from: string, through: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= through; day = dateAfter(day, 1)) days.push(day);
  return days;
}

/**
 * Walks through settled days and returns each alert on its day: incidents as they stood then, grouped as the job groups them, one alert for a
 * problem of which no series was told before, and none for what somebody has said to expect. Incidents are found from a day and earlier
 * ones alone, so what they were on a day is what of them lies before it.
 */
export async function walk(
  found: readonly FoundIncident[],
  days: readonly string[],
  findCause: (anomaly: Anomaly) => Promise<FoundCause>,
  said: readonly Said[] = [],
): Promise<Alert[]> {
  const alerts: Alert[] = [];
  let known = new Map<string, string>();
  // What had been found before the walk began is no alert in it.
  let isFirst = true;
  for (const judgedThrough of days) {
    const seen = found.flatMap((one) => asOf(one, judgedThrough));
    const told = known;
    const wasFirst = isFirst;
    const { anomalies, causes: explained } = await explainAnomalies(seen, known, async (anomaly) =>
      wasFirst || told.has(anomaly.id) ? undefined : findCause(anomaly),
    );
    for (const anomaly of anomalies) {
      if (isFirst || anomaly.role !== 'lead' || anomaly.parentId !== null) continue;
      const leads =
        anomaly.kind === 'several' ? anomalies.filter(({ parentId }) => parentId === anomaly.id) : [anomaly];
      const members = leads.flatMap((lead) => [
        lead,
        ...anomalies.filter((one) => one.role === 'view' && one.parentId === lead.id),
      ]);
      if (members.some(({ id }) => known.has(id))) continue;
      const causes: FoundCause[] = [];
      for (const lead of leads) causes.push(explained.get(lead.id) ?? (await findCause(lead)));
      if (leads.every((lead, index) => isQuiet(lead, causes[index], said))) continue;
      alerts.push({ judgedThrough, anomaly, leads, members, causes });
    }
    isFirst = false;
    known = new Map([...known, ...leadsOf(anomalies)]);
  }
  return alerts;
}

function leadsOf(anomalies: readonly Anomaly[]): [string, string][] {
  return anomalies
    .filter(({ kind }) => kind !== 'several')
    .map((one) => [one.id, one.role === 'view' ? (one.parentId ?? one.id) : one.id]);
}

function isQuiet(lead: Anomaly, found: FoundCause | undefined, said: readonly Said[]): boolean {
  const named = Object.fromEntries((found?.cause.named ?? []).map(({ dimension, value }) => [dimension, value]));
  const question = {
    ...{ startDate: lead.startDate, endDate: lead.endDate, own: [], usageTypes: found?.cause.usageTypes ?? [] },
    dimensions: { ...named, ...lead.dimensions },
    isWhole: Object.keys(lead.dimensions).length === 0,
  };
  return quietBecause(question, said) !== null;
}

/** An incident as it stood when `judgedThrough` was the last settled day; none before it could be told. */
function asOf(found: FoundIncident, judgedThrough: string): FoundIncident[] {
  const { incident } = found;
  if (incident.detectedDate > judgedThrough) return [];
  const byDay = incident.byDay.filter(({ date }) => date <= judgedThrough);
  const isOver = incident.closedDate !== null && incident.closedDate <= judgedThrough;
  const cost = addDecimals(...byDay.map((day) => day.cost));
  const expectedCost = addDecimals(...byDay.map((day) => day.expectedCost));
  return [
    {
      ...found,
      incident: {
        ...incident,
        ...{ byDay, days: byDay.length, endDate: byDay.at(-1)?.date ?? incident.startDate, cost, expectedCost },
        impact: subtractDecimals(cost, expectedCost),
        ...(isOver ? {} : { status: 'open', closedBecause: null, closedDate: null }),
      },
    },
  ];
}
