CREATE TABLE "chat_events" (
	"surface" text NOT NULL,
	"tenant" text NOT NULL,
	"event_id" text NOT NULL,
	"body" jsonb,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"not_before" timestamp with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"handled_at" timestamp with time zone,
	"abandoned_at" timestamp with time zone,
	CONSTRAINT "chat_events_pkey" PRIMARY KEY("surface","tenant","event_id"),
	CONSTRAINT "chat_events_surface" CHECK ("chat_events"."surface" IN ('slack', 'teams')),
	CONSTRAINT "chat_events_attempts" CHECK ("chat_events"."attempts" >= 0),
	CONSTRAINT "chat_events_one_end" CHECK (num_nonnulls("chat_events"."handled_at", "chat_events"."abandoned_at") <= 1),
	CONSTRAINT "chat_events_body" CHECK (("chat_events"."body" IS NULL) = ("chat_events"."handled_at" IS NOT NULL))
);
--> statement-breakpoint
CREATE INDEX "chat_events_due" ON "chat_events" USING btree ("surface","not_before") WHERE "chat_events"."handled_at" IS NULL AND "chat_events"."abandoned_at" IS NULL;--> statement-breakpoint
CREATE INDEX "chat_events_received" ON "chat_events" USING btree ("received_at");