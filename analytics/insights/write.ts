import { fill, type InsightColumn, type InsightData, type InsightTable } from './cells.ts';
import type { Material } from './material.ts';

/** A summary: its text with the numbers in place, and the cells they come from. */
export interface Insight {
  title: string;
  text: string;
  data: InsightData;
}

/** Raised when sentences or cells change, and stored with each summary. */
export const WRITER_VERSION = '1';

/** A change below this share, in percent, is told as none. */
const STEADY_PERCENT = 1;

/**
 * Returns the summary of a week: what moved, why, what was saved and what there is to decide. It says nothing of what nothing is known
 * of. Every number is filled in from a cell of `data`.
 */
export function writeInsight(material: Material): Insight {
  const data = cellsOf(material);
  const sections = [
    ['What moved', moved(material)],
    ['Why', why(material)],
    ['What was saved', saved(material)],
    ['What to decide', toDecide(material)],
  ] as const;
  const text = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [title, ...lines.map((line) => `- ${line}`)].join('\n'))
    .join('\n\n');
  return { title: fill(titleOf(material), data), text: fill(text, data), data };
}

const rises = (amount: string): boolean => Number(amount) > 0;

function titleOf({ audience, cost, week }: Material): string {
  const who = audience.charAt(0).toUpperCase() + audience.slice(1);
  const days = `the week from ${week.start}`;
  if (isSteady(cost)) return `${who} spent {{total}} in ${days}, about as much as the week before`;
  return `${who} spent {{total}} in ${days}, {{change|abs}} ${rises(cost.change) ? 'more' : 'less'} than the week before`;
}

function isSteady({ change, percent }: Material['cost']): boolean {
  return Number(change) === 0 || (percent !== null && Math.abs(Number(percent)) < STEADY_PERCENT);
}

function moved({ cost, drivers, forecast }: Material): string[] {
  const share = cost.percent === null ? '' : ' ({{percent_change}})';
  const direction = rises(cost.change) ? 'rose' : 'fell';
  const total = isSteady(cost)
    ? 'Cost was {{total}}, after {{previous}} the week before.'
    : `Cost ${direction} by {{change|abs}}${share} to {{total}}.`;
  const ends =
    forecast === null ? [] : [`The month of ${forecast.month.slice(0, 7)} is forecast to come to {{month_forecast}}.`];
  return [total, ...drivers.slice(0, 3).map(driverLine), ...ends];
}

const COMPONENT_WORDS: Record<string, [more: string, less: string]> = {
  new: ['what is new', 'what is new'],
  gone: ['what is gone', 'what is gone'],
  usage: ['more use', 'less use'],
  price: ['higher list prices', 'lower list prices'],
  commitment: ['less covered by commitments', 'more covered by commitments'],
  credits: ['fewer credits', 'more credits'],
  other: ['tax, fees and refunds', 'tax, fees and refunds'],
};

function driverLine({ service, change, component }: Material['drivers'][number], index: number): string {
  const name = service === null ? 'Cost without a service' : `{{drivers.${index}.service}}`;
  const words = COMPONENT_WORDS[component]?.[rises(change) ? 0 : 1];
  const because = words === undefined ? '' : `, mostly by ${words}`;
  return `${name} ${rises(change) ? 'rose' : 'fell'} by {{drivers.${index}.change|abs}} to {{drivers.${index}.cost}}${because}.`;
}

function why({ cost, anomalies, anomalyCount, drivers }: Material): string[] {
  const lines = anomalies.map(({ direction, isOpen, cause }, index) => {
    const cell = (name: string, style = '') => `{{anomalies.${index}.${name}${style}}}`;
    const size = direction === 'up' ? 'more' : 'less';
    const goes = isOpen ? 'so far' : 'in all';
    const because = cause === null ? '' : ` It comes from ${cell('cause')}.`;
    return `${cell('subject')} cost ${cell('impact', '|abs')} ${size} than expected ${goes}, since ${cell('start_date')}.${because}`;
  });
  const more = anomalyCount > anomalies.length ? ['There were {{anomaly_count}} anomalies in all.'] : [];
  if (lines.length > 0) return [...lines, ...more];
  const [first] = drivers;
  return first?.detail == null || isSteady(cost)
    ? []
    : ['Under {{drivers.0.service}} it is {{drivers.0.detail}} that moved most.'];
}

function saved({ savings }: Material): string[] {
  if (savings === null) return [];
  const { measured, measuredCount, waitingCount, regressed } = savings;
  return [
    ...(measured !== null
      ? [
          `{{measured_count}} ${measuredCount === 1 ? 'change was' : 'changes were'} measured on the bill: {{measured_savings}} a month, of which {{holding_savings}} still holds.`,
        ]
      : []),
    ...regressed.map(
      (_, index) =>
        `{{regressed.${index}.subject}} lost {{regressed.${index}.amount}} a month again, since {{regressed.${index}.since}}.`,
    ),
    ...(waitingCount > 0
      ? [`{{waiting_count}} ${waitingCount === 1 ? 'change waits' : 'changes wait'} for settled days.`]
      : []),
  ];
}

function toDecide({ recommendations, budgets, anomaliesToJudge }: Material): string[] {
  return [
    ...budgets.map(({ kind }, index) => {
      const cell = (name: string) => `{{budgets.${index}.${name}}}`;
      const happened = { actual: 'has spent', forecast: 'is forecast to spend', 'burn rate': 'is on its way to spend' }[
        kind
      ];
      return `The budget ${cell('budget')} ${happened} ${cell('amount')} of ${cell('limit')}.`;
    }),
    ...(recommendations === null
      ? []
      : [
          `{{recommendation_count}} ${recommendations.count === 1 ? 'recommendation is' : 'recommendations are'} open, estimated at {{recommended_savings}} a month.`,
          ...recommendations.top.map((_, index) => {
            const cell = (name: string) => `{{recommendations.${index}.${name}}}`;
            return `${cell('title')} (${cell('subject')}): estimated ${cell('estimated')} a month.`;
          }),
        ]),
    ...(anomaliesToJudge > 0
      ? [
          `Nobody has said yet what {{anomalies_to_judge}} ${anomaliesToJudge === 1 ? 'anomaly is' : 'anomalies are'}: expected, planned or a problem.`,
        ]
      : []),
  ];
}

const column = (name: string, kind: InsightColumn['kind'] = 'text', unit: string | null = null): InsightColumn => ({
  name,
  kind,
  unit,
});
const written = (name: string): InsightColumn => ({ ...column(name), untrusted: true });

function cellsOf(material: Material): InsightData {
  const { currency, cost, savings, recommendations, anomalyCount, anomaliesToJudge, forecast } = material;
  const money = (value: string | null) => ({ value, kind: 'money' as const, unit: currency });
  const count = (value: number) => ({ value, kind: 'count' as const, unit: 'count' });
  return {
    facts: {
      total: money(cost.total),
      previous: money(cost.previous),
      change: money(cost.change),
      percent_change: { value: cost.percent, kind: 'percent', unit: 'percent' },
      anomaly_count: count(anomalyCount),
      anomalies_to_judge: count(anomaliesToJudge),
      ...(forecast === null ? {} : { month_forecast: money(forecast.amount) }),
      ...(savings === null
        ? {}
        : {
            ...{ measured_savings: money(savings.measured), holding_savings: money(savings.holding) },
            ...{ measured_count: count(savings.measuredCount), waiting_count: count(savings.waitingCount) },
          }),
      ...(recommendations === null
        ? {}
        : {
            recommendation_count: count(recommendations.count),
            recommended_savings: money(recommendations.estimated),
          }),
    },
    tables: tablesOf(material).filter(({ rows }) => rows.length > 0),
  };
}

function tablesOf({ currency, drivers, anomalies, savings, recommendations, budgets }: Material): InsightTable[] {
  const amount = (name: string) => column(name, 'money', currency);
  return [
    {
      ...{ name: 'drivers', title: 'What moved most, against the week before' },
      columns: [
        ...[
          column('service'),
          amount('cost'),
          amount('previous'),
          amount('change'),
          column('percent_change', 'percent', 'percent'),
        ],
        ...[column('component'), written('detail')],
      ],
      rows: drivers.map((one) => [
        ...[one.service, one.cost, one.previous, one.change, one.percent, one.component, one.detail],
      ]),
    },
    {
      ...{ name: 'anomalies', title: 'What nobody expected' },
      columns: [
        ...[
          column('anomaly_id', 'count'),
          written('subject'),
          column('direction'),
          column('start_date', 'date', 'date'),
        ],
        ...[amount('impact'), written('cause')],
      ],
      rows: anomalies.map((one) => [one.anomalyId, one.subject, one.direction, one.startDate, one.impact, one.cause]),
    },
    {
      ...{ name: 'regressed', title: 'Savings that are gone' },
      columns: [written('subject'), amount('amount'), column('since', 'date', 'date')],
      rows: (savings?.regressed ?? []).map(({ subject, amount: lost, since }) => [subject, lost, since]),
    },
    {
      ...{ name: 'recommendations', title: 'The largest recommendations; estimates a month' },
      columns: [column('recommendation_id', 'count'), written('title'), written('subject'), amount('estimated')],
      rows: (recommendations?.top ?? []).map((one) => [one.recommendationId, one.title, one.subject, one.estimated]),
    },
    {
      ...{ name: 'budgets', title: 'Budgets that crossed a threshold' },
      columns: [
        written('budget'),
        column('kind'),
        column('threshold', 'percent', 'percent'),
        amount('amount'),
        amount('limit'),
      ],
      rows: budgets.map((one) => [one.name, one.kind, one.thresholdPercent, one.amount, one.limit]),
    },
  ];
}
