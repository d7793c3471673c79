DROP INDEX "cost_rollup_billing_period";--> statement-breakpoint
CREATE INDEX "cost_rollup_billing_period" ON "cost_rollup" USING btree ("billing_period_start","billing_account_id","rollup");