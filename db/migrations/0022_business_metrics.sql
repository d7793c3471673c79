CREATE TABLE "business_metrics" (
	"name" text NOT NULL,
	"dimensions" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"date" date NOT NULL,
	"value" numeric,
	"unit" text,
	"given_by" uuid,
	"given_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "business_metrics_once" UNIQUE("name","dimensions","date")
);
--> statement-breakpoint
ALTER TABLE "budget_alerts" ADD COLUMN "limit_amount" numeric NOT NULL;--> statement-breakpoint
ALTER TABLE "budget_alerts" ADD COLUMN "told_id" uuid;--> statement-breakpoint
ALTER TABLE "budget_alerts" ADD COLUMN "inputs" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "business_metrics" ADD CONSTRAINT "business_metrics_given_by_users_user_id_fk" FOREIGN KEY ("given_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budget_alerts" ADD CONSTRAINT "budget_alerts_told_id_users_user_id_fk" FOREIGN KEY ("told_id") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;