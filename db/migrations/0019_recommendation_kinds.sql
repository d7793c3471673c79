CREATE TABLE "recommendation_checks" (
	"check_id" text PRIMARY KEY NOT NULL,
	"check_version" text NOT NULL,
	"settings" jsonb NOT NULL,
	"ran_at" timestamp with time zone NOT NULL,
	"recommended" integer NOT NULL,
	"kept" integer NOT NULL,
	"unknown" integer NOT NULL,
	"missing" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "recommendations" ADD COLUMN "kind" text DEFAULT 'usage' NOT NULL;--> statement-breakpoint
ALTER TABLE "recommendations" ADD COLUMN "covered_monthly_savings" numeric;--> statement-breakpoint
ALTER TABLE "recommendations" ADD COLUMN "alternative_to" bigint;--> statement-breakpoint
ALTER TABLE "recommendations" ADD COLUMN "applied_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "recommendations" ADD CONSTRAINT "recommendations_alternative_to_recommendations_recommendation_id_fk" FOREIGN KEY ("alternative_to") REFERENCES "public"."recommendations"("recommendation_id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "recommendations_alternative" ON "recommendations" USING btree ("alternative_to");--> statement-breakpoint
ALTER TABLE "recommendations" ADD CONSTRAINT "recommendations_kind" CHECK ("recommendations"."kind" IN ('usage', 'rate'));--> statement-breakpoint
ALTER TABLE "recommendations" ADD CONSTRAINT "recommendations_covered" CHECK ("recommendations"."covered_monthly_savings" >= 0 AND "recommendations"."covered_monthly_savings" <= "recommendations"."estimated_monthly_savings");