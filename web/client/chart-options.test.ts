import { expect, test } from 'vitest';
import {
  type AnswerChart,
  CHART_COLORS,
  chartHeight,
  chartOption,
  chartSummary,
  fullAmount,
  inBuckets,
  isSideways,
  shortAmount,
} from './chart-options.ts';

const days: AnswerChart = {
  kind: 'line',
  title: 'Cost a day',
  unit: 'USD',
  x: ['2026-10-01', '2026-10-02', '2026-10-03'],
  series: [{ name: 'Cost', values: [10, null, 12.5] }],
};
const services: AnswerChart = {
  kind: 'bar',
  title: 'Cost by service',
  unit: 'USD',
  x: ['Amazon EC2', 'AWS Lambda'],
  series: [
    { name: 'Now', values: [8000, 1500] },
    { name: 'Before', values: [6000, 1000] },
  ],
};
const option = (chart: AnswerChart, narrow = false) => chartOption(chart, CHART_COLORS.light, { narrow });

test('draws a line over days, with a gap where a day is unknown', () => {
  const { xAxis, yAxis, series, legend } = option(days);
  expect(xAxis).toMatchObject({ type: 'category', data: ['1 Oct', '2 Oct', '3 Oct'] });
  expect(yAxis.type).toBe('value');
  expect(series).toMatchObject([{ type: 'line', data: [10, null, 12.5], connectNulls: false }]);
  expect(legend).toEqual({ show: false });
});

test('lays bars over names on their side, the first on top, and names the series', () => {
  const { xAxis, yAxis, series, legend } = option(services);
  expect(isSideways(services)).toBe(true);
  expect(xAxis.type).toBe('value');
  expect(yAxis).toMatchObject({ type: 'category', inverse: true, data: services.x });
  expect(series.map(({ name }) => name)).toEqual(['Now', 'Before']);
  expect(legend).not.toHaveProperty('show');
});

test('stands bars over months upright and stacks what belongs on one pile', () => {
  const months: AnswerChart = { ...services, kind: 'stacked-bar', x: ['2026-09', '2026-10'] };
  expect(isSideways(months)).toBe(false);
  expect(option(months).series).toMatchObject([{ stack: 'all' }, { stack: 'all' }]);
});

test('shows what is compared with in a colour that stands back, under the heading it has in the table', () => {
  const compared = {
    ...services,
    series: services.series.map((one, at) => ({ ...one, name: at === 0 ? 'cost' : 'previous' })),
  };
  expect(option(compared).series).toMatchObject([
    { name: 'Cost' },
    { name: 'Before', itemStyle: { color: CHART_COLORS.light.before } },
  ]);
});

test('a chart by month stands for months', () => {
  const months = inBuckets({ ...days, x: ['2026-08-01', '2026-09-01', '2026-10-01'] }, 'month');
  expect(option(months).xAxis).toMatchObject({ data: ['Aug 2026', 'Sep 2026', 'Oct 2026'] });
  expect(isSideways({ ...months, kind: 'bar' })).toBe(false);
});

test('grows with its lying bars, up to a limit', () => {
  const many = { ...services, x: Array.from({ length: 100 }, (_, index) => `service ${index}`) };
  expect(chartHeight(services)).toBeLessThan(chartHeight({ ...services, x: [...services.x, 'c', 'd'] }));
  expect(chartHeight(many)).toBe(640);
});

test('shortens amounts on the axis and writes them out in the tooltip', () => {
  expect(shortAmount(12345, 'USD')).toBe('$12.3K');
  expect(shortAmount(35, 'percent')).toBe('35%');
  expect(shortAmount(1500, 'XXX')).toBe('1.5K');
  expect(fullAmount(12345.678, 'USD')).toBe('$12,345.68');
  expect(fullAmount(null, 'USD')).toBe('—');
});

test('tells a screen reader what the chart shows and where the values are', () => {
  expect(chartSummary(days)).toBe(
    'Line chart: Cost a day, 3 values from 2026-10-01 to 2026-10-03. The same values stand in the table below it.',
  );
});
