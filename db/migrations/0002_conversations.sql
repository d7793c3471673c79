CREATE TABLE "ai_queries" (
	"query_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"conversation_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"surface" text NOT NULL,
	"question" text NOT NULL,
	"answer_status" text,
	"answer" jsonb,
	"answer_text" text,
	"error_code" text,
	"model" text NOT NULL,
	"model_calls" integer DEFAULT 0 NOT NULL,
	"input_tokens" integer DEFAULT 0 NOT NULL,
	"output_tokens" integer DEFAULT 0 NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"elapsed_ms" double precision,
	"feedback" smallint,
	"feedback_reason" text,
	"feedback_at" timestamp with time zone,
	CONSTRAINT "ai_queries_surface" CHECK ("ai_queries"."surface" IN ('web', 'api', 'cli', 'eval', 'slack', 'teams', 'mcp')),
	CONSTRAINT "ai_queries_answer_status" CHECK ("ai_queries"."answer_status" IN ('answered', 'clarify', 'refused', 'no_data', 'failed')),
	CONSTRAINT "ai_queries_finished" CHECK (num_nulls("ai_queries"."answer_status", "ai_queries"."finished_at", "ai_queries"."elapsed_ms", "ai_queries"."answer_text") IN (0, 4)),
	CONSTRAINT "ai_queries_elapsed" CHECK ("ai_queries"."elapsed_ms" >= 0),
	CONSTRAINT "ai_queries_failed" CHECK ("ai_queries"."error_code" IS NULL OR "ai_queries"."answer_status" IS NOT NULL),
	CONSTRAINT "ai_queries_tokens" CHECK (least("ai_queries"."model_calls", "ai_queries"."input_tokens", "ai_queries"."output_tokens") >= 0),
	CONSTRAINT "ai_queries_feedback" CHECK ("ai_queries"."feedback" IN (-1, 1)),
	CONSTRAINT "ai_queries_feedback_at" CHECK (("ai_queries"."feedback" IS NULL) = ("ai_queries"."feedback_at" IS NULL) AND ("ai_queries"."feedback_reason" IS NULL OR "ai_queries"."feedback" IS NOT NULL))
);
--> statement-breakpoint
CREATE TABLE "ai_tool_calls" (
	"query_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"tool" text NOT NULL,
	"arguments" jsonb NOT NULL,
	"status" text NOT NULL,
	"sql" text,
	"sql_fingerprint" text,
	"row_count" integer,
	"result_hash" text,
	"started_at" timestamp with time zone NOT NULL,
	"elapsed_ms" double precision NOT NULL,
	"error_code" text,
	CONSTRAINT "ai_tool_calls_pkey" PRIMARY KEY("query_id","ordinal"),
	CONSTRAINT "ai_tool_calls_status" CHECK ("ai_tool_calls"."status" IN ('ok', 'no_data', 'denied', 'error')),
	CONSTRAINT "ai_tool_calls_counts" CHECK ("ai_tool_calls"."ordinal" > 0 AND "ai_tool_calls"."row_count" >= 0 AND "ai_tool_calls"."elapsed_ms" >= 0),
	CONSTRAINT "ai_tool_calls_error" CHECK (("ai_tool_calls"."error_code" IS NOT NULL) = ("ai_tool_calls"."status" = 'error'))
);
--> statement-breakpoint
CREATE TABLE "conversations" (
	"conversation_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"surface" text NOT NULL,
	"external_thread" text,
	"title" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversations_external_thread" UNIQUE("surface","external_thread"),
	CONSTRAINT "conversations_surface" CHECK ("conversations"."surface" IN ('web', 'api', 'cli', 'eval', 'slack', 'teams', 'mcp'))
);
--> statement-breakpoint
CREATE TABLE "identities" (
	"identity_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"platform" text NOT NULL,
	"tenant" text NOT NULL,
	"subject" text NOT NULL,
	"label" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "identities_subject" UNIQUE("platform","tenant","subject"),
	CONSTRAINT "identities_platform" CHECK ("identities"."platform" IN ('oidc', 'slack', 'teams', 'token')),
	CONSTRAINT "identities_expiry" CHECK ("identities"."created_at" < "identities"."expires_at")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"user_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"scope" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp with time zone,
	CONSTRAINT "users_role" CHECK ("users"."role" IN ('viewer', 'engineer', 'approver', 'admin')),
	CONSTRAINT "users_email_shape" CHECK ("users"."email" ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
	CONSTRAINT "users_scope_shape" CHECK ("users"."scope" IS NULL OR "users"."scope" = '"all"'
          OR coalesce(jsonb_typeof("users"."scope" -> 'subAccountIds') = 'array' AND jsonb_typeof("users"."scope" -> 'tags') = 'array', false))
);
--> statement-breakpoint
ALTER TABLE "ai_queries" ADD CONSTRAINT "ai_queries_conversation_id_conversations_conversation_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("conversation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_queries" ADD CONSTRAINT "ai_queries_user_id_users_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_tool_calls" ADD CONSTRAINT "ai_tool_calls_query_id_ai_queries_query_id_fk" FOREIGN KEY ("query_id") REFERENCES "public"."ai_queries"("query_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_user_id_users_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_user_id_users_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ai_queries_conversation" ON "ai_queries" USING btree ("conversation_id","started_at");--> statement-breakpoint
CREATE INDEX "ai_queries_started" ON "ai_queries" USING btree ("started_at","query_id");--> statement-breakpoint
CREATE INDEX "ai_queries_user" ON "ai_queries" USING btree ("user_id","started_at");--> statement-breakpoint
CREATE INDEX "conversations_user" ON "conversations" USING btree ("user_id","last_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email" ON "users" USING btree (lower("email"));