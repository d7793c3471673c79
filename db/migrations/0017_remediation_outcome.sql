CREATE TABLE "stop_switches" (
	"name" text PRIMARY KEY NOT NULL,
	"stopped_at" timestamp with time zone NOT NULL,
	"stopped_by" uuid NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "stop_switches_name" CHECK ("stop_switches"."name" IN ('remediations'))
);
--> statement-breakpoint
ALTER TABLE "remediations" ADD COLUMN "outcome" jsonb;--> statement-breakpoint
ALTER TABLE "stop_switches" ADD CONSTRAINT "stop_switches_stopped_by_users_user_id_fk" FOREIGN KEY ("stopped_by") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- What was proposed never changes: an approval counts for exactly what its approver read.
CREATE FUNCTION refuse_other_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'what was proposed cannot be changed; propose it anew' USING ERRCODE = 'integrity_constraint_violation';
END $$;--> statement-breakpoint
CREATE TRIGGER remediations_stay_as_proposed
	BEFORE UPDATE ON "remediations" FOR EACH ROW
	WHEN ((OLD.remediation_id, OLD.recommendation_id, OLD.resource_id, OLD.action, OLD.parameters, OLD.parameters_hash, OLD.observed_state,
		OLD.undo_plan, OLD.risk, OLD.billing_currency, OLD.estimated_monthly_savings, OLD.required_approvals, OLD.requested_by, OLD.requested_at,
		OLD.expires_at, OLD.apply_token)
		IS DISTINCT FROM
		(NEW.remediation_id, NEW.recommendation_id, NEW.resource_id, NEW.action, NEW.parameters, NEW.parameters_hash, NEW.observed_state,
		NEW.undo_plan, NEW.risk, NEW.billing_currency, NEW.estimated_monthly_savings, NEW.required_approvals, NEW.requested_by, NEW.requested_at,
		NEW.expires_at, NEW.apply_token))
	EXECUTE FUNCTION refuse_other_proposal();
