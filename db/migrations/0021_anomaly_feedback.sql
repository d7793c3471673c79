CREATE TABLE "anomaly_feedback" (
	"feedback_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "anomaly_feedback_feedback_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"feedback" text NOT NULL,
	"anomaly_id" bigint,
	"dimensions" jsonb NOT NULL,
	"start_date" date,
	"from_date" date NOT NULL,
	"until_date" date,
	"reason" text,
	"given_by" uuid NOT NULL,
	"given_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"ended_by" uuid,
	CONSTRAINT "anomaly_feedback_kind" CHECK ("anomaly_feedback"."feedback" IN ('expected', 'planned', 'muted', 'helpful', 'wrong')),
	CONSTRAINT "anomaly_feedback_period" CHECK ("anomaly_feedback"."from_date" < "anomaly_feedback"."until_date"),
	CONSTRAINT "anomaly_feedback_planned" CHECK ("anomaly_feedback"."feedback" <> 'planned' OR "anomaly_feedback"."until_date" IS NOT NULL),
	CONSTRAINT "anomaly_feedback_ended" CHECK (num_nulls("anomaly_feedback"."ended_at", "anomaly_feedback"."ended_by") IN (0, 2))
);
--> statement-breakpoint
ALTER TABLE "anomalies" DROP CONSTRAINT "anomalies_once";--> statement-breakpoint
ALTER TABLE "anomalies" DROP CONSTRAINT "anomalies_kind";--> statement-breakpoint
DROP INDEX "anomalies_open";--> statement-breakpoint
ALTER TABLE "anomalies" ADD COLUMN "role" text DEFAULT 'lead' NOT NULL;--> statement-breakpoint
ALTER TABLE "anomalies" ADD COLUMN "detected_date" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "anomalies" ADD COLUMN "closed_because" text;--> statement-breakpoint
ALTER TABLE "anomalies" ADD COLUMN "quiet_because" text;--> statement-breakpoint
ALTER TABLE "anomalies" ADD COLUMN "days" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "anomaly_feedback" ADD CONSTRAINT "anomaly_feedback_anomaly_id_anomalies_anomaly_id_fk" FOREIGN KEY ("anomaly_id") REFERENCES "public"."anomalies"("anomaly_id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "anomaly_feedback" ADD CONSTRAINT "anomaly_feedback_given_by_users_user_id_fk" FOREIGN KEY ("given_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "anomaly_feedback" ADD CONSTRAINT "anomaly_feedback_ended_by_users_user_id_fk" FOREIGN KEY ("ended_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "anomaly_feedback_anomaly" ON "anomaly_feedback" USING btree ("anomaly_id");--> statement-breakpoint
CREATE UNIQUE INDEX "anomalies_open" ON "anomalies" USING btree ("series_key","metric","kind") WHERE "anomalies"."state" = 'open' AND "anomalies"."kind" <> 'several';--> statement-breakpoint
ALTER TABLE "anomalies" ADD CONSTRAINT "anomalies_once" UNIQUE("series_key","metric","kind","direction","start_date");--> statement-breakpoint
ALTER TABLE "anomalies" ADD CONSTRAINT "anomalies_role" CHECK ("anomalies"."role" IN ('lead', 'view'));--> statement-breakpoint
ALTER TABLE "anomalies" ADD CONSTRAINT "anomalies_closed_because" CHECK ("anomalies"."closed_because" IN ('back_to_expected', 'new_level', 'verdict', 'restated'));--> statement-breakpoint
ALTER TABLE "anomalies" ADD CONSTRAINT "anomalies_quiet_because" CHECK ("anomalies"."quiet_because" IN ('expected', 'planned', 'muted', 'helpful', 'wrong'));--> statement-breakpoint
ALTER TABLE "anomalies" ADD CONSTRAINT "anomalies_kind" CHECK ("anomalies"."kind" IN ('cost', 'drift', 'new', 'several', 'usage'));