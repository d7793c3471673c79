CREATE TABLE "anomalies" (
	"anomaly_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "anomalies_anomaly_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"parent_id" bigint,
	"kind" text NOT NULL,
	"series_key" text NOT NULL,
	"dimensions" jsonb NOT NULL,
	"metric" text NOT NULL,
	"billing_currency" text,
	"direction" text NOT NULL,
	"start_date" date NOT NULL,
	"end_date" date NOT NULL,
	"state" text NOT NULL,
	"actual" numeric NOT NULL,
	"expected" numeric NOT NULL,
	"impact" numeric NOT NULL,
	"score" double precision NOT NULL,
	"baseline" jsonb NOT NULL,
	"cause" jsonb,
	"detector" text NOT NULL,
	"detector_version" text NOT NULL,
	"settings" jsonb NOT NULL,
	"detected_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp with time zone,
	"feedback" text,
	"feedback_reason" text,
	"feedback_by" uuid,
	"feedback_at" timestamp with time zone,
	"muted_until" date,
	CONSTRAINT "anomalies_once" UNIQUE("series_key","metric","start_date"),
	CONSTRAINT "anomalies_kind" CHECK ("anomalies"."kind" IN ('cost', 'usage', 'new')),
	CONSTRAINT "anomalies_direction" CHECK ("anomalies"."direction" IN ('up', 'down')),
	CONSTRAINT "anomalies_state" CHECK ("anomalies"."state" IN ('open', 'closed')),
	CONSTRAINT "anomalies_feedback" CHECK ("anomalies"."feedback" IN ('expected', 'planned', 'muted', 'helpful', 'wrong')),
	CONSTRAINT "anomalies_currency" CHECK ("anomalies"."billing_currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "anomalies_period" CHECK ("anomalies"."start_date" < "anomalies"."end_date"),
	CONSTRAINT "anomalies_score" CHECK ("anomalies"."score" BETWEEN 0 AND 1),
	CONSTRAINT "anomalies_closed" CHECK (("anomalies"."closed_at" IS NOT NULL) = ("anomalies"."state" = 'closed')),
	CONSTRAINT "anomalies_no_own_parent" CHECK ("anomalies"."parent_id" <> "anomalies"."anomaly_id"),
	CONSTRAINT "anomalies_money" CHECK ("anomalies"."kind" = 'usage' OR "anomalies"."billing_currency" IS NOT NULL),
	CONSTRAINT "anomalies_feedback_given" CHECK (num_nulls("anomalies"."feedback", "anomalies"."feedback_by", "anomalies"."feedback_at") IN (0, 3) AND ("anomalies"."feedback" IS NOT NULL OR ("anomalies"."feedback_reason" IS NULL AND "anomalies"."muted_until" IS NULL)))
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"entry_id" bigint PRIMARY KEY NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"actor_id" uuid,
	"actor" text NOT NULL,
	"surface" text NOT NULL,
	"event" text NOT NULL,
	"subject_type" text,
	"subject_id" text,
	"details" jsonb NOT NULL,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "audit_log_hash_unique" UNIQUE("hash"),
	CONSTRAINT "audit_log_entry_id" CHECK ("audit_log"."entry_id" > 0),
	CONSTRAINT "audit_log_subject" CHECK (("audit_log"."subject_type" IS NULL) = ("audit_log"."subject_id" IS NULL)),
	CONSTRAINT "audit_log_hash" CHECK ("audit_log"."hash" ~ '^[0-9a-f]{64}$' AND "audit_log"."previous_hash" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "budget_alerts" (
	"budget_id" bigint NOT NULL,
	"period_start" date NOT NULL,
	"kind" text NOT NULL,
	"threshold_percent" numeric NOT NULL,
	"amount" numeric NOT NULL,
	"raised_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "budget_alerts_pkey" PRIMARY KEY("budget_id","period_start","kind","threshold_percent"),
	CONSTRAINT "budget_alerts_kind" CHECK ("budget_alerts"."kind" IN ('actual', 'forecast', 'burn rate'))
);
--> statement-breakpoint
CREATE TABLE "budgets" (
	"budget_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "budgets_budget_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"dimensions" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"metric" text DEFAULT 'effective_cost' NOT NULL,
	"period" text NOT NULL,
	"kind" text NOT NULL,
	"amount" numeric,
	"billing_currency" text NOT NULL,
	"threshold_percents" numeric[] NOT NULL,
	"start_date" date NOT NULL,
	"end_date" date,
	"owner_id" uuid,
	"created_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp with time zone,
	CONSTRAINT "budgets_period" CHECK ("budgets"."period" IN ('month', 'quarter', 'year')),
	CONSTRAINT "budgets_kind" CHECK ("budgets"."kind" IN ('fixed', 'forecast')),
	CONSTRAINT "budgets_currency" CHECK ("budgets"."billing_currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "budgets_amount" CHECK (("budgets"."kind" = 'fixed') = ("budgets"."amount" IS NOT NULL) AND coalesce("budgets"."amount" > 0, true)),
	CONSTRAINT "budgets_dates" CHECK ("budgets"."start_date" < "budgets"."end_date"),
	CONSTRAINT "budgets_thresholds" CHECK (cardinality("budgets"."threshold_percents") > 0 AND 0 < ALL ("budgets"."threshold_percents"))
);
--> statement-breakpoint
CREATE TABLE "forecast_points" (
	"forecast_id" bigint NOT NULL,
	"date" date NOT NULL,
	"mean" numeric NOT NULL,
	"lo80" numeric NOT NULL,
	"hi80" numeric NOT NULL,
	"lo95" numeric NOT NULL,
	"hi95" numeric NOT NULL,
	"actual" numeric,
	CONSTRAINT "forecast_points_pkey" PRIMARY KEY("forecast_id","date"),
	CONSTRAINT "forecast_points_nested" CHECK ("forecast_points"."lo95" <= "forecast_points"."lo80" AND "forecast_points"."lo80" <= "forecast_points"."mean" AND "forecast_points"."mean" <= "forecast_points"."hi80" AND "forecast_points"."hi80" <= "forecast_points"."hi95")
);
--> statement-breakpoint
CREATE TABLE "forecasts" (
	"forecast_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "forecasts_forecast_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"series_key" text NOT NULL,
	"dimensions" jsonb NOT NULL,
	"metric" text NOT NULL,
	"billing_currency" text NOT NULL,
	"as_of_date" date NOT NULL,
	"horizon_days" integer NOT NULL,
	"method" text NOT NULL,
	"method_version" text NOT NULL,
	"settings" jsonb NOT NULL,
	"backtest" jsonb NOT NULL,
	"events" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "forecasts_once" UNIQUE("series_key","metric","billing_currency","as_of_date","horizon_days"),
	CONSTRAINT "forecasts_currency" CHECK ("forecasts"."billing_currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "forecasts_horizon" CHECK ("forecasts"."horizon_days" > 0)
);
--> statement-breakpoint
CREATE TABLE "insights" (
	"insight_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "insights_insight_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"audience" text NOT NULL,
	"dimensions" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"period_start" date NOT NULL,
	"period_end" date NOT NULL,
	"title" text NOT NULL,
	"text" text NOT NULL,
	"answer" jsonb NOT NULL,
	"model" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "insights_once" UNIQUE("kind","audience","period_start"),
	CONSTRAINT "insights_kind" CHECK ("insights"."kind" IN ('weekly', 'monthly')),
	CONSTRAINT "insights_period" CHECK ("insights"."period_start" < "insights"."period_end")
);
--> statement-breakpoint
CREATE TABLE "job_runs" (
	"run_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "job_runs_run_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"job" text NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"state" text DEFAULT 'due' NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"worker" text,
	"started_at" timestamp with time zone,
	"heartbeat_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"retry_at" timestamp with time zone,
	"progress" jsonb,
	"row_count" bigint,
	"error_code" text,
	"error_message" text,
	CONSTRAINT "job_runs_once" UNIQUE("job","due_at"),
	CONSTRAINT "job_runs_state" CHECK ("job_runs"."state" IN ('due', 'running', 'done', 'failed', 'cancelled', 'dead')),
	CONSTRAINT "job_runs_attempt" CHECK ("job_runs"."attempt" >= 0),
	CONSTRAINT "job_runs_running" CHECK ("job_runs"."state" <> 'running' OR num_nulls("job_runs"."worker", "job_runs"."started_at", "job_runs"."heartbeat_at") = 0),
	CONSTRAINT "job_runs_finished" CHECK (("job_runs"."state" IN ('done', 'cancelled', 'dead')) = ("job_runs"."finished_at" IS NOT NULL)),
	CONSTRAINT "job_runs_retry" CHECK (("job_runs"."state" = 'failed') = ("job_runs"."retry_at" IS NOT NULL)),
	CONSTRAINT "job_runs_error" CHECK ("job_runs"."state" NOT IN ('failed', 'dead') OR "job_runs"."error_code" IS NOT NULL)
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"message_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_message_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"deduplication_key" text NOT NULL,
	"surface" text NOT NULL,
	"tenant" text NOT NULL,
	"destination" text NOT NULL,
	"kind" text NOT NULL,
	"payload" jsonb NOT NULL,
	"updates" bigint,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"not_before" timestamp with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"sent_at" timestamp with time zone,
	"external_id" text,
	"abandoned_at" timestamp with time zone,
	CONSTRAINT "outbox_deduplication_key_unique" UNIQUE("deduplication_key"),
	CONSTRAINT "outbox_surface" CHECK ("outbox"."surface" IN ('slack', 'teams')),
	CONSTRAINT "outbox_attempts" CHECK ("outbox"."attempts" >= 0),
	CONSTRAINT "outbox_one_end" CHECK (num_nonnulls("outbox"."sent_at", "outbox"."abandoned_at") <= 1),
	CONSTRAINT "outbox_external_id" CHECK ("outbox"."external_id" IS NULL OR "outbox"."sent_at" IS NOT NULL)
);
--> statement-breakpoint
CREATE TABLE "subscriptions" (
	"subscription_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"surface" text NOT NULL,
	"tenant" text NOT NULL,
	"destination" text NOT NULL,
	"conversation_reference" jsonb,
	"topic" text NOT NULL,
	"dimensions" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"frequency" text NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"quiet_from" time,
	"quiet_until" time,
	"created_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"paused_until" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "subscriptions_once" UNIQUE("surface","tenant","destination","topic","dimensions"),
	CONSTRAINT "subscriptions_surface" CHECK ("subscriptions"."surface" IN ('slack', 'teams')),
	CONSTRAINT "subscriptions_topic" CHECK ("subscriptions"."topic" IN ('anomalies', 'digest', 'budgets', 'approvals', 'savings')),
	CONSTRAINT "subscriptions_frequency" CHECK ("subscriptions"."frequency" IN ('at once', 'daily', 'weekly')),
	CONSTRAINT "subscriptions_quiet" CHECK (("subscriptions"."quiet_from" IS NULL) = ("subscriptions"."quiet_until" IS NULL))
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"policy_id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"version" integer NOT NULL,
	"is_current" boolean NOT NULL,
	"name" text NOT NULL,
	"mode" text NOT NULL,
	"rule" jsonb NOT NULL,
	"limits" jsonb NOT NULL,
	"required_approvals" integer NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "policies_pkey" PRIMARY KEY("policy_id","version"),
	CONSTRAINT "policies_mode" CHECK ("policies"."mode" IN ('off', 'rehearse', 'propose', 'apply')),
	CONSTRAINT "policies_version" CHECK ("policies"."version" > 0),
	CONSTRAINT "policies_approvals" CHECK ("policies"."required_approvals" >= 0 AND ("policies"."mode" = 'apply' OR "policies"."required_approvals" > 0))
);
--> statement-breakpoint
CREATE TABLE "recommendations" (
	"recommendation_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "recommendations_recommendation_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"check_id" text NOT NULL,
	"check_version" text NOT NULL,
	"subject" text NOT NULL,
	"resource_id" text,
	"sub_account_id" text,
	"service_name" text,
	"region_id" text,
	"title" text NOT NULL,
	"action" jsonb NOT NULL,
	"evidence" jsonb NOT NULL,
	"settings" jsonb NOT NULL,
	"window_start" date NOT NULL,
	"window_end" date NOT NULL,
	"billing_currency" text NOT NULL,
	"estimated_monthly_savings" numeric NOT NULL,
	"list_monthly_savings" numeric,
	"basis" text NOT NULL,
	"risk" text NOT NULL,
	"effort" text NOT NULL,
	"owner" text,
	"environment" text,
	"is_protected" boolean DEFAULT false NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"found_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_found_at" timestamp with time zone DEFAULT now() NOT NULL,
	"decided_at" timestamp with time zone,
	"decided_by" uuid,
	"decision_reason" text,
	"dismissed_until" date,
	"closed_at" timestamp with time zone,
	"closed_reason" text,
	CONSTRAINT "recommendations_state_known" CHECK ("recommendations"."state" IN ('open', 'dismissed', 'accepted', 'applied', 'verified', 'regressed', 'closed')),
	CONSTRAINT "recommendations_risk" CHECK ("recommendations"."risk" IN ('low', 'medium', 'high')),
	CONSTRAINT "recommendations_effort" CHECK ("recommendations"."effort" IN ('low', 'medium', 'high')),
	CONSTRAINT "recommendations_currency" CHECK ("recommendations"."billing_currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "recommendations_window" CHECK ("recommendations"."window_start" < "recommendations"."window_end"),
	CONSTRAINT "recommendations_savings" CHECK ("recommendations"."estimated_monthly_savings" >= 0 AND "recommendations"."list_monthly_savings" >= 0),
	CONSTRAINT "recommendations_decided" CHECK (("recommendations"."decided_at" IS NULL) = ("recommendations"."decided_by" IS NULL)),
	CONSTRAINT "recommendations_dismissed" CHECK ("recommendations"."state" <> 'dismissed' OR ("recommendations"."decided_at" IS NOT NULL AND "recommendations"."decision_reason" IS NOT NULL)),
	CONSTRAINT "recommendations_dismissed_until" CHECK ("recommendations"."dismissed_until" IS NULL OR "recommendations"."state" = 'dismissed'),
	CONSTRAINT "recommendations_closed" CHECK (("recommendations"."state" = 'closed') = ("recommendations"."closed_at" IS NOT NULL) AND ("recommendations"."closed_at" IS NULL) = ("recommendations"."closed_reason" IS NULL))
);
--> statement-breakpoint
CREATE TABLE "savings" (
	"saving_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "savings_saving_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"recommendation_id" bigint,
	"resource_id" text,
	"subject" text NOT NULL,
	"origin" text NOT NULL,
	"change_date" date NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"billing_currency" text NOT NULL,
	"estimated_monthly_savings" numeric,
	"realized_savings" numeric,
	"confidence" text,
	"basis" text,
	"baseline_start" date,
	"baseline_end" date,
	"measured_start" date,
	"measured_end" date,
	"measured_at" timestamp with time zone,
	"measurement" jsonb,
	"holding_checks" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "savings_once" UNIQUE("subject","change_date"),
	CONSTRAINT "savings_origin" CHECK ("savings"."origin" IN ('penny', 'outside')),
	CONSTRAINT "savings_state" CHECK ("savings"."state" IN ('waiting', 'measured', 'holding', 'regressed', 'unmeasurable')),
	CONSTRAINT "savings_confidence" CHECK ("savings"."confidence" IN ('low', 'medium', 'high')),
	CONSTRAINT "savings_currency" CHECK ("savings"."billing_currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "savings_measured" CHECK (CASE WHEN "savings"."state" IN ('waiting', 'unmeasurable') THEN "savings"."realized_savings" IS NULL
          ELSE num_nulls("savings"."realized_savings", "savings"."confidence", "savings"."basis", "savings"."baseline_start", "savings"."baseline_end", "savings"."measured_start", "savings"."measured_end", "savings"."measured_at") = 0 END),
	CONSTRAINT "savings_windows" CHECK ("savings"."baseline_start" < "savings"."baseline_end" AND "savings"."measured_start" < "savings"."measured_end" AND "savings"."baseline_end" <= "savings"."measured_start")
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"approval_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"remediation_id" uuid NOT NULL,
	"requested_by" uuid NOT NULL,
	"parameters_hash" text NOT NULL,
	"decided_by" uuid NOT NULL,
	"decision" text NOT NULL,
	"reason" text,
	"surface" text NOT NULL,
	"decided_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "approvals_one_each" UNIQUE("remediation_id","decided_by"),
	CONSTRAINT "approvals_decision" CHECK ("approvals"."decision" IN ('approve', 'reject')),
	CONSTRAINT "approvals_surface" CHECK ("approvals"."surface" IN ('web', 'api', 'cli', 'eval', 'slack', 'teams', 'mcp')),
	CONSTRAINT "approvals_four_eyes" CHECK ("approvals"."decided_by" <> "approvals"."requested_by"),
	CONSTRAINT "approvals_reason" CHECK ("approvals"."decision" = 'approve' OR "approvals"."reason" IS NOT NULL)
);
--> statement-breakpoint
CREATE TABLE "remediations" (
	"remediation_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"recommendation_id" bigint,
	"resource_id" text NOT NULL,
	"action" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"parameters_hash" text NOT NULL,
	"observed_state" jsonb NOT NULL,
	"evidence" jsonb NOT NULL,
	"undo_plan" jsonb,
	"risk" text NOT NULL,
	"billing_currency" text NOT NULL,
	"estimated_monthly_savings" numeric NOT NULL,
	"basis" text NOT NULL,
	"policy_id" uuid,
	"policy_version" integer,
	"required_approvals" integer NOT NULL,
	"requested_by" uuid NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"surface" text NOT NULL,
	"conversation_id" uuid,
	"state" text DEFAULT 'pending' NOT NULL,
	"decided_at" timestamp with time zone,
	"apply_token" uuid DEFAULT gen_random_uuid() NOT NULL,
	"started_at" timestamp with time zone,
	"applied_at" timestamp with time zone,
	"verified_at" timestamp with time zone,
	"failed_at" timestamp with time zone,
	"failure" text,
	"undone_at" timestamp with time zone,
	CONSTRAINT "remediations_apply_token_unique" UNIQUE("apply_token"),
	CONSTRAINT "remediations_what_is_decided" UNIQUE("remediation_id","requested_by","parameters_hash"),
	CONSTRAINT "remediations_state_known" CHECK ("remediations"."state" IN ('pending', 'rejected', 'expired', 'approved', 'applying', 'applied', 'verified', 'failed', 'undoing', 'undone', 'cancelled')),
	CONSTRAINT "remediations_risk" CHECK ("remediations"."risk" IN ('low', 'medium', 'high')),
	CONSTRAINT "remediations_surface" CHECK ("remediations"."surface" IN ('web', 'api', 'cli', 'eval', 'slack', 'teams', 'mcp')),
	CONSTRAINT "remediations_currency" CHECK ("remediations"."billing_currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "remediations_expiry" CHECK ("remediations"."requested_at" < "remediations"."expires_at"),
	CONSTRAINT "remediations_policy_version" CHECK (("remediations"."policy_id" IS NULL) = ("remediations"."policy_version" IS NULL)),
	CONSTRAINT "remediations_approvals_needed" CHECK ("remediations"."required_approvals" >= 0 AND ("remediations"."required_approvals" > 0 OR "remediations"."policy_id" IS NOT NULL)),
	CONSTRAINT "remediations_decided" CHECK (CASE WHEN "remediations"."state" IN ('pending', 'expired', 'cancelled') THEN "remediations"."decided_at" IS NULL ELSE "remediations"."decided_at" IS NOT NULL END),
	CONSTRAINT "remediations_started" CHECK (CASE WHEN "remediations"."state" IN ('pending', 'rejected', 'expired', 'cancelled', 'approved') THEN "remediations"."started_at" IS NULL ELSE "remediations"."started_at" IS NOT NULL END),
	CONSTRAINT "remediations_applied" CHECK ("remediations"."state" NOT IN ('applied', 'verified', 'undoing', 'undone') OR "remediations"."applied_at" IS NOT NULL),
	CONSTRAINT "remediations_verified" CHECK ("remediations"."state" <> 'verified' OR "remediations"."verified_at" IS NOT NULL),
	CONSTRAINT "remediations_failed" CHECK (("remediations"."state" = 'failed') = ("remediations"."failed_at" IS NOT NULL) AND ("remediations"."failed_at" IS NULL) = ("remediations"."failure" IS NULL)),
	CONSTRAINT "remediations_undone" CHECK (("remediations"."state" = 'undone') = ("remediations"."undone_at" IS NOT NULL))
);
--> statement-breakpoint
ALTER TABLE "anomalies" ADD CONSTRAINT "anomalies_parent_id_anomalies_anomaly_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."anomalies"("anomaly_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "anomalies" ADD CONSTRAINT "anomalies_feedback_by_users_user_id_fk" FOREIGN KEY ("feedback_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_actor_id_users_user_id_fk" FOREIGN KEY ("actor_id") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budget_alerts" ADD CONSTRAINT "budget_alerts_budget_id_budgets_budget_id_fk" FOREIGN KEY ("budget_id") REFERENCES "public"."budgets"("budget_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_owner_id_users_user_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_created_by_users_user_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "forecast_points" ADD CONSTRAINT "forecast_points_forecast_id_forecasts_forecast_id_fk" FOREIGN KEY ("forecast_id") REFERENCES "public"."forecasts"("forecast_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_updates_outbox_message_id_fk" FOREIGN KEY ("updates") REFERENCES "public"."outbox"("message_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_created_by_users_user_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_created_by_users_user_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recommendations" ADD CONSTRAINT "recommendations_resource_id_resources_resource_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("resource_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recommendations" ADD CONSTRAINT "recommendations_decided_by_users_user_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings" ADD CONSTRAINT "savings_recommendation_id_recommendations_recommendation_id_fk" FOREIGN KEY ("recommendation_id") REFERENCES "public"."recommendations"("recommendation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings" ADD CONSTRAINT "savings_resource_id_resources_resource_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("resource_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_decided_by_users_user_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_what_is_decided" FOREIGN KEY ("remediation_id","requested_by","parameters_hash") REFERENCES "public"."remediations"("remediation_id","requested_by","parameters_hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "remediations" ADD CONSTRAINT "remediations_recommendation_id_recommendations_recommendation_id_fk" FOREIGN KEY ("recommendation_id") REFERENCES "public"."recommendations"("recommendation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "remediations" ADD CONSTRAINT "remediations_resource_id_resources_resource_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("resource_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "remediations" ADD CONSTRAINT "remediations_requested_by_users_user_id_fk" FOREIGN KEY ("requested_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "remediations" ADD CONSTRAINT "remediations_conversation_id_conversations_conversation_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("conversation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "remediations" ADD CONSTRAINT "remediations_policy" FOREIGN KEY ("policy_id","policy_version") REFERENCES "public"."policies"("policy_id","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "anomalies_open" ON "anomalies" USING btree ("series_key","metric") WHERE "anomalies"."state" = 'open';--> statement-breakpoint
CREATE INDEX "anomalies_started" ON "anomalies" USING btree ("start_date");--> statement-breakpoint
CREATE INDEX "anomalies_parent" ON "anomalies" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "audit_log_subject_index" ON "audit_log" USING btree ("subject_type","subject_id");--> statement-breakpoint
CREATE INDEX "audit_log_occurred" ON "audit_log" USING btree ("occurred_at");--> statement-breakpoint
CREATE UNIQUE INDEX "budgets_name" ON "budgets" USING btree (lower("name")) WHERE "budgets"."archived_at" IS NULL;--> statement-breakpoint
CREATE INDEX "job_runs_unfinished" ON "job_runs" USING btree ("state","due_at") WHERE "job_runs"."finished_at" IS NULL;--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("not_before") WHERE "outbox"."sent_at" IS NULL AND "outbox"."abandoned_at" IS NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "policies_one_current" ON "policies" USING btree ("policy_id") WHERE "policies"."is_current";--> statement-breakpoint
CREATE UNIQUE INDEX "policies_name" ON "policies" USING btree (lower("name")) WHERE "policies"."is_current";--> statement-breakpoint
CREATE UNIQUE INDEX "recommendations_one_alive" ON "recommendations" USING btree ("check_id","subject") WHERE "recommendations"."closed_at" IS NULL;--> statement-breakpoint
CREATE INDEX "recommendations_resource" ON "recommendations" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "recommendations_state" ON "recommendations" USING btree ("state","billing_currency","estimated_monthly_savings");--> statement-breakpoint
CREATE INDEX "savings_recommendation" ON "savings" USING btree ("recommendation_id");--> statement-breakpoint
CREATE UNIQUE INDEX "remediations_one_under_way" ON "remediations" USING btree ("resource_id","action") WHERE "remediations"."state" IN ('pending', 'approved', 'applying', 'undoing');--> statement-breakpoint
CREATE INDEX "remediations_state" ON "remediations" USING btree ("state","expires_at");