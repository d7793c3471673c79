CREATE INDEX "resources_lower_id" ON "resources" USING hash (lower("resource_id"));--> statement-breakpoint
CREATE INDEX "resources_lower_tail" ON "resources" USING hash (lower(substring("resource_id" from '[^:/]+$')));--> statement-breakpoint
CREATE INDEX "resources_lower_name" ON "resources" USING hash (lower("name"));