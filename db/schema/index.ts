export * from './billing.ts';
export * from './billing-loads.ts';
export * from './cost-rollups.ts';
export * from './inventory.ts';
export * from './prices.ts';
export * from './tag-sets.ts';
export * from './usage.ts';
