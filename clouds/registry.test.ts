import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHARGE_CATEGORIES, CHARGE_COLUMNS } from '../analytics/focus.ts';
import { packageRoot } from '../config.ts';
import { CHARGE_CATEGORY_OF } from './aws/billing/line-item-types.ts';
import { SERVICES } from './aws/billing/services.ts';
import { BILLING_SOURCES } from './registry.ts';

test('each source has its own id, is documented, and maps every column of a charge', () => {
  const docs = readFileSync(join(packageRoot, 'docs', 'billing-sources.md'), 'utf8');
  expect(new Set(BILLING_SOURCES.map(({ id }) => id)).size).toBe(BILLING_SOURCES.length);
  for (const { id, title, charge } of BILLING_SOURCES) {
    expect(docs, id).toContain(`\`${id}\``);
    expect(docs, title).toContain(title);
    expect(Object.keys(charge), id).toEqual(Object.keys(CHARGE_COLUMNS));
  }
});

test('each charge type a source knows, and each service with its category, stands once', () => {
  expect(new Set(SERVICES.map(([code]) => code)).size).toBe(SERVICES.length);
  for (const category of Object.values(CHARGE_CATEGORY_OF)) expect(CHARGE_CATEGORIES).toContain(category);
});

test('service categories are those of FOCUS', () => {
  const focus = [
    'AI and Machine Learning',
    'Analytics',
    'Business Applications',
    'Compute',
    'Databases',
    'Developer Tools',
    'Multicloud',
    'Identity',
    'Integration',
    'Internet of Things',
    'Management and Governance',
    'Media',
    'Migration',
    'Mobile',
    'Networking',
    'Security',
    'Storage',
    'Web',
    'Other',
  ];
  expect(SERVICES.filter(([, , category]) => !focus.includes(category))).toEqual([]);
});
