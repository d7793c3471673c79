CREATE TABLE "sessions" (
	"session_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"identity_id" uuid,
	"method" text NOT NULL,
	"hash" text NOT NULL,
	"previous_hash" text,
	"rotated_at" timestamp with time zone NOT NULL,
	"rotate_after" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "sessions_hash" UNIQUE("hash"),
	CONSTRAINT "sessions_previous_hash" UNIQUE("previous_hash"),
	CONSTRAINT "sessions_method" CHECK ("sessions"."method" IN ('oidc', 'token', 'persona', 'link')),
	CONSTRAINT "sessions_expiry" CHECK ("sessions"."created_at" < "sessions"."expires_at"),
	CONSTRAINT "sessions_identity" CHECK (("sessions"."identity_id" IS NOT NULL) = ("sessions"."method" IN ('oidc', 'token')))
);
--> statement-breakpoint
CREATE TABLE "sign_in_links" (
	"hash" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "identities" ADD COLUMN "role" text;--> statement-breakpoint
ALTER TABLE "identities" ADD COLUMN "scope" jsonb;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_identity_id_identities_identity_id_fk" FOREIGN KEY ("identity_id") REFERENCES "public"."identities"("identity_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_user_id_users_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "identities_user" ON "identities" USING btree ("user_id");--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_role" CHECK ("identities"."role" IN ('viewer', 'engineer', 'approver', 'admin'));--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_scope_shape" CHECK ("identities"."scope" IS NULL OR "identities"."scope" = '"all"'
          OR coalesce(jsonb_typeof("identities"."scope" -> 'subAccountIds') = 'array' AND jsonb_typeof("identities"."scope" -> 'tags') = 'array', false));--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_token" CHECK ("identities"."platform" <> 'token' OR ("identities"."role" IS NOT NULL AND "identities"."expires_at" IS NOT NULL));--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_narrowed_admin" CHECK ("identities"."role" <> 'admin' OR "identities"."scope" IS NULL);