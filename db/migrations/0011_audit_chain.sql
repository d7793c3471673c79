CREATE TABLE "audit_pending" (
	"pending_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_pending_pending_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"occurred_at" timestamp with time zone NOT NULL,
	"actor_id" uuid,
	"actor" text NOT NULL,
	"surface" text NOT NULL,
	"event" text NOT NULL,
	"subject_type" text,
	"subject_id" text,
	"details" jsonb NOT NULL,
	CONSTRAINT "audit_pending_surface" CHECK ("audit_pending"."surface" IN ('web', 'api', 'cli', 'slack', 'teams', 'job', 'eval')),
	CONSTRAINT "audit_pending_subject" CHECK (("audit_pending"."subject_type" IS NULL) = ("audit_pending"."subject_id" IS NULL))
);
--> statement-breakpoint
ALTER TABLE "audit_log" DROP CONSTRAINT "audit_log_actor_id_users_user_id_fk";
--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_surface" CHECK ("audit_log"."surface" IN ('web', 'api', 'cli', 'slack', 'teams', 'job', 'eval'));--> statement-breakpoint
-- An entry's text for its hash. STABLE, because of the names of months that to_char could be asked for; this format has none.
CREATE FUNCTION "audit_text"(entry audit_log) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT jsonb_build_array(entry.entry_id, to_char(entry.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
		entry.actor_id, entry.actor, entry.surface, entry.event, entry.subject_type, entry.subject_id, entry.details, entry.previous_hash)::text
$$;
--> statement-breakpoint
-- Who inserts says what happened; place and hash come from here. The lock is held until the end of the transaction, so entries of two
-- transactions cannot take the same place.
CREATE FUNCTION "chain_audit_log"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	last public.audit_log;
BEGIN
	PERFORM pg_advisory_xact_lock(727010);
	SELECT * INTO last FROM public.audit_log ORDER BY entry_id DESC LIMIT 1;
	NEW.entry_id := coalesce(last.entry_id, 0) + 1;
	NEW.previous_hash := coalesce(last.hash, repeat('0', 64));
	NEW.hash := encode(sha256(convert_to(public.audit_text(NEW), 'UTF8')), 'hex');
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "audit_log_chain" BEFORE INSERT ON "audit_log" FOR EACH ROW EXECUTE FUNCTION "chain_audit_log"();
