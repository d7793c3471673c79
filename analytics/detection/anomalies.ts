import { addDecimals, type DecimalText, subtractDecimals } from '../money.ts';
import {
  bundleGroups,
  type FoundIncident,
  groupIncidents,
  type IncidentBundle,
  type IncidentGroup,
  incidentId,
} from './grouping.ts';
import type { CostIncident, IncidentDay } from './incidents.ts';

/** Changes when the same bill would give other anomalies. */
export const DETECTOR_VERSION = '1';

/** An anomaly as it stands by the settled days: what is told, or (a view) the same cost in another series. */
export interface Anomaly {
  /** What tells it apart from one run to the next. */
  id: string;
  role: 'lead' | 'view';
  /** Of a view its lead; of a lead the bundle it was told with, if any. */
  parentId: string | null;
  kind: 'cost' | 'drift' | 'new' | 'several';
  direction: 'up' | 'down';
  seriesKey: string;
  dimensions: Readonly<Record<string, string>>;
  currency: string;
  /** First and last day that deviate, and the settled days by which it could be told and was over. */
  startDate: string;
  endDate: string;
  detectedDate: string;
  closedDate: string | null;
  closedBecause: CostIncident['closedBecause'];
  cost: DecimalText;
  expectedCost: DecimalText;
  impact: DecimalText;
  peak: Pick<CostIncident, 'peakDate' | 'peakCost' | 'peakExpectedCost' | 'peakDeviations' | 'peakPercent'>;
  days: IncidentDay[];
}

/** The lead that each incident belonged to in the run before. */
export type KnownLeads = ReadonlyMap<string, string>;

/** Returns the anomalies that incidents come to, a lead before its views and after its bundle. */
export function toAnomalies(
  found: readonly FoundIncident[],
  known: KnownLeads,
  apart: ReadonlySet<string> = new Set(),
): Anomaly[] {
  const groups = groupIncidents(found, known, apart);
  const bundles = bundleGroups(groups).map((bundle) => ({ bundle, anomaly: bundled(bundle) }));
  const bundleOf = new Map(bundles.flatMap(({ bundle, anomaly }) => bundle.groups.map((group) => [group, anomaly.id])));
  return [
    ...bundles.map(({ anomaly }) => anomaly),
    ...groups.flatMap((group) => ofGroup(group, bundleOf.get(group) ?? null)),
  ];
}

function ofGroup({ lead, views }: IncidentGroup, parentId: string | null): Anomaly[] {
  const id = incidentId(lead);
  return [
    { ...single(lead), role: 'lead', parentId },
    ...views.map((view): Anomaly => ({ ...single(view), role: 'view', parentId: id })),
  ];
}

const KINDS = { increase: 'cost', decrease: 'cost', new: 'new', drift: 'drift' } as const;

function single(found: FoundIncident): Omit<Anomaly, 'role' | 'parentId'> {
  const { seriesKey, dimensions, currency, incident } = found;
  const { startDate, endDate, detectedDate, closedDate, closedBecause, cost, expectedCost, impact } = incident;
  const { peakDate, peakCost, peakExpectedCost, peakDeviations, peakPercent } = incident;
  return {
    id: incidentId(found),
    kind: KINDS[incident.kind],
    direction: incident.kind === 'decrease' ? 'down' : 'up',
    ...{ seriesKey, dimensions, currency, startDate, endDate, detectedDate, closedDate, closedBecause },
    ...{ cost, expectedCost, impact, days: incident.byDay },
    peak: { peakDate, peakCost, peakExpectedCost, peakDeviations, peakPercent },
  };
}

/** What began together, added up day by day; found with the third of its parts, and over when all of them are. */
function bundled({ dimensions, currency, groups }: IncidentBundle): Anomaly {
  const parts = groups.map(({ lead }) => lead.incident);
  const days = addedUp(parts);
  const [first, last] = [days[0] as IncidentDay, days.at(-1) as IncidentDay];
  const direction = parts[0]?.kind === 'decrease' ? 'down' : 'up';
  const seriesKey = JSON.stringify(['several', currency, direction, Object.entries(dimensions).sort()]);
  const peak = days.reduce((peak, day) => (Math.abs(excessOf(day)) > Math.abs(excessOf(peak)) ? day : peak));
  const cost = addDecimals(...days.map((day) => day.cost));
  const expectedCost = addDecimals(...days.map((day) => day.expectedCost));
  const isOver = parts.every(({ closedDate }) => closedDate !== null);
  const lastClosed = [...parts].sort((one, other) => ((one.closedDate ?? '') < (other.closedDate ?? '') ? 1 : -1))[0];
  return {
    id: `${seriesKey}@several@${first.date}`,
    ...{ role: 'lead', parentId: null, kind: 'several', direction, seriesKey, dimensions, currency },
    startDate: first.date,
    endDate: last.date,
    detectedDate: parts.map(({ detectedDate }) => detectedDate).sort()[2] ?? last.date,
    closedDate: isOver ? (lastClosed?.closedDate ?? null) : null,
    closedBecause: isOver ? (lastClosed?.closedBecause ?? null) : null,
    ...{ cost, expectedCost, impact: subtractDecimals(cost, expectedCost), days },
    peak: {
      ...{ peakDate: peak.date, peakCost: peak.cost, peakExpectedCost: peak.expectedCost },
      peakDeviations: parts.reduce((most, part) => Math.max(most, Math.abs(part.peakDeviations ?? 0)), 0) || null,
      peakPercent:
        Number(peak.expectedCost) === 0 ? null : Math.round((1_000 * excessOf(peak)) / Number(peak.expectedCost)) / 10,
    },
  };
}

const excessOf = ({ cost, expectedCost }: IncidentDay): number => Number(cost) - Number(expectedCost);

function addedUp(parts: readonly CostIncident[]): IncidentDay[] {
  const days = new Map<string, IncidentDay>();
  for (const { date, cost, expectedCost } of parts.flatMap(({ byDay }) => byDay)) {
    const day = days.get(date) ?? { date, cost: '0', expectedCost: '0' };
    days.set(date, {
      date,
      cost: addDecimals(day.cost, cost),
      expectedCost: addDecimals(day.expectedCost, expectedCost),
    });
  }
  return [...days.values()].sort((one, other) => (one.date < other.date ? -1 : 1));
}

/** Returns how unlikely an anomaly is, 0 to 1: less than one less this of all days deviate so far, whatever their distribution (Cantelli). */
export function unlikeliness({ kind, peak }: Pick<Anomaly, 'kind' | 'peak'>): number {
  if (kind === 'new' || peak.peakDeviations === null) return 1;
  const squared = peak.peakDeviations ** 2;
  return squared / (1 + squared);
}
