CREATE TABLE "cost_rollup" (
	"rollup" text NOT NULL,
	"period_start" date NOT NULL,
	"billing_currency" text NOT NULL,
	"charge_category" text NOT NULL,
	"service_name" text,
	"sub_account_id" text,
	"allocation_set_id" bigint,
	"billed_cost" numeric NOT NULL,
	"effective_cost" numeric NOT NULL,
	"contracted_cost" numeric,
	"list_cost" numeric,
	"x_line_count" bigint NOT NULL,
	"billing_account_id" text NOT NULL,
	"service_provider_name" text,
	"service_category" text,
	"region_id" text,
	"pricing_category" text,
	"commitment_discount_status" text,
	"publisher_name" text,
	"billing_period_start" timestamp with time zone NOT NULL,
	"x_service_code" text,
	"x_usage_type" text,
	"x_instance_type" text
);
--> statement-breakpoint
CREATE INDEX "cost_rollup_period" ON "cost_rollup" USING btree ("rollup","period_start");--> statement-breakpoint
CREATE INDEX "cost_rollup_billing_period" ON "cost_rollup" USING btree ("billing_period_start","billing_account_id");--> statement-breakpoint
CREATE INDEX "cost_daily_tagged_allocation_set" ON "cost_daily_tagged" USING btree ("allocation_set_id","charge_date");