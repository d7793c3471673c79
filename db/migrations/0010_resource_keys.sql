DROP INDEX "resources_lower_id";--> statement-breakpoint
DROP INDEX "resources_lower_tail";--> statement-breakpoint
DROP INDEX "resources_lower_name";--> statement-breakpoint
ALTER TABLE "resources" ADD COLUMN "id_key" text GENERATED ALWAYS AS (lower(resource_id)) STORED;--> statement-breakpoint
ALTER TABLE "resources" ADD COLUMN "tail_key" text GENERATED ALWAYS AS (lower(substring(resource_id from '[^:/]+$'))) STORED;--> statement-breakpoint
ALTER TABLE "resources" ADD COLUMN "name_key" text GENERATED ALWAYS AS (lower(name)) STORED;--> statement-breakpoint
CREATE INDEX "resources_id_key" ON "resources" USING hash ("id_key");--> statement-breakpoint
CREATE INDEX "resources_tail_key" ON "resources" USING hash ("tail_key");--> statement-breakpoint
CREATE INDEX "resources_name_key" ON "resources" USING hash ("name_key");