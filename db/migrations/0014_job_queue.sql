ALTER TABLE "job_runs" ADD COLUMN "cancel_requested_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "job_runs" ADD COLUMN "queue_id" uuid;--> statement-breakpoint
ALTER TABLE "job_runs" ADD COLUMN "requested_by" text;