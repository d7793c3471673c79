CREATE TABLE "bill_reconciliations" (
	"reconciliation_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bill_reconciliations_reconciliation_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"billing_month" date NOT NULL,
	"covers" text NOT NULL,
	"account_id" text NOT NULL,
	"billing_currency" text NOT NULL,
	"metric" text NOT NULL,
	"source" text,
	"stored_amount" numeric,
	"reference_amount" numeric,
	"difference" numeric,
	"difference_percent" numeric,
	"status" text NOT NULL,
	"causes" jsonb NOT NULL,
	"loaded_at" timestamp with time zone,
	"fetched_at" timestamp with time zone,
	"checked_at" timestamp with time zone NOT NULL,
	CONSTRAINT "bill_reconciliations_covers" CHECK ("bill_reconciliations"."covers" IN ('bill', 'account')),
	CONSTRAINT "bill_reconciliations_metric" CHECK ("bill_reconciliations"."metric" IN ('billed_cost', 'effective_cost')),
	CONSTRAINT "bill_reconciliations_source" CHECK ("bill_reconciliations"."source" IN ('cost_explorer', 'invoice')),
	CONSTRAINT "bill_reconciliations_status" CHECK ("bill_reconciliations"."status" IN ('ok', 'explained', 'off', 'unknown')),
	CONSTRAINT "bill_reconciliations_compared" CHECK (("bill_reconciliations"."status" = 'unknown') = (num_nulls("bill_reconciliations"."reference_amount", "bill_reconciliations"."difference") > 0))
);
--> statement-breakpoint
CREATE TABLE "bill_references" (
	"source" text NOT NULL,
	"billing_month" date NOT NULL,
	"account_id" text NOT NULL,
	"billing_currency" text NOT NULL,
	"metric" text NOT NULL,
	"part" text NOT NULL,
	"amount" numeric NOT NULL,
	"fetched_at" timestamp with time zone NOT NULL,
	CONSTRAINT "bill_references_pkey" PRIMARY KEY("billing_month","account_id","source","billing_currency","metric","part"),
	CONSTRAINT "bill_references_source" CHECK ("bill_references"."source" IN ('cost_explorer', 'invoice')),
	CONSTRAINT "bill_references_metric" CHECK ("bill_references"."metric" IN ('billed_cost', 'effective_cost')),
	CONSTRAINT "bill_references_part" CHECK ("bill_references"."part" IN ('total', 'charges', 'tax', 'credits', 'refunds', 'support')),
	CONSTRAINT "bill_references_currency" CHECK ("bill_references"."billing_currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "bill_references_month" CHECK (extract(day FROM "bill_references"."billing_month") = 1)
);
--> statement-breakpoint
CREATE INDEX "bill_reconciliations_month" ON "bill_reconciliations" USING btree ("billing_month");--> statement-breakpoint
CREATE INDEX "bill_reconciliations_off" ON "bill_reconciliations" USING btree ("billing_month") WHERE "bill_reconciliations"."status" = 'off';