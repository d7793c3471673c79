import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const services = ['Amazon Elastic Compute Cloud', 'Amazon Relational Database Service', 'AWS Lambda', 'Amazon S3'];

test.each([
  ['AWS Lamda', 'AWS Lambda'],
  ['relational databases', 'Amazon Relational Database Service'],
  ['elastic compute', 'Amazon Elastic Compute Cloud'],
  ['S3', 'Amazon S3'],
  ['aecc', 'Amazon Elastic Compute Cloud'],
])('takes %s for %s', (text, expected) => {
  expect(nearest(text, services)[0]).toBe(expected);
});

test('suggests nothing for a name that is like none', () => {
  expect(nearest('Snowflake', services)).toEqual([]);
  expect(nearest('volume', ['Compute'])).toEqual([]);
  expect(nearest('---', services)).toEqual([]);
});
