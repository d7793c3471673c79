import type { Suite } from './case.ts';
import { costs } from './suites/costs.ts';
import { declines } from './suites/declines.ts';
import { findings } from './suites/findings.ts';

/** Every suite; `penny eval` runs them all. */
export const suites: Suite[] = [costs, findings, declines];
