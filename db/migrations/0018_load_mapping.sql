ALTER TABLE "billing_loads" DROP CONSTRAINT "billing_loads_origin";--> statement-breakpoint
ALTER TABLE "billing_loads" ADD COLUMN "mapping_version" text;--> statement-breakpoint
ALTER TABLE "billing_loads" ADD CONSTRAINT "billing_loads_origin" CHECK ("billing_loads"."origin" IN ('file', 'demo', 's3', 'warehouse'));