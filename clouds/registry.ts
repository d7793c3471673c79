import { curLegacy } from './aws/billing/cur-legacy.ts';
import { cur2 } from './aws/billing/cur2.ts';
import type { BillingSource } from './contract.ts';
import { focus } from './focus/billing/focus.ts';

/** The billing exports Penny reads, in the order they are tried. */
export const BILLING_SOURCES: readonly BillingSource[] = [focus, cur2, curLegacy];
