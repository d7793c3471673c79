CREATE TABLE "chat_conversations" (
	"surface" text NOT NULL,
	"tenant" text NOT NULL,
	"conversation" text NOT NULL,
	"reference" jsonb NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_conversations_pkey" PRIMARY KEY("surface","tenant","conversation"),
	CONSTRAINT "chat_conversations_surface" CHECK ("chat_conversations"."surface" IN ('slack', 'teams'))
);
