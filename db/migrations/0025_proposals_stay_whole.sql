-- What an approver reads beside the action stays as it was too: evidence, basis, policy, and where it was asked for.
DROP TRIGGER remediations_stay_as_proposed ON "remediations";--> statement-breakpoint
CREATE TRIGGER remediations_stay_as_proposed
	BEFORE UPDATE ON "remediations" FOR EACH ROW
	WHEN ((OLD.remediation_id, OLD.recommendation_id, OLD.resource_id, OLD.action, OLD.parameters, OLD.parameters_hash, OLD.observed_state,
		OLD.evidence, OLD.basis, OLD.undo_plan, OLD.risk, OLD.billing_currency, OLD.estimated_monthly_savings, OLD.policy_id,
		OLD.policy_version, OLD.required_approvals, OLD.requested_by, OLD.requested_at, OLD.expires_at, OLD.surface, OLD.apply_token)
		IS DISTINCT FROM
		(NEW.remediation_id, NEW.recommendation_id, NEW.resource_id, NEW.action, NEW.parameters, NEW.parameters_hash, NEW.observed_state,
		NEW.evidence, NEW.basis, NEW.undo_plan, NEW.risk, NEW.billing_currency, NEW.estimated_monthly_savings, NEW.policy_id,
		NEW.policy_version, NEW.required_approvals, NEW.requested_by, NEW.requested_at, NEW.expires_at, NEW.surface, NEW.apply_token))
	EXECUTE FUNCTION refuse_other_proposal();
