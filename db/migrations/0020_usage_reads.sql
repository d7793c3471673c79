CREATE TABLE "usage_reads" (
	"job" text NOT NULL,
	"account_id" text NOT NULL,
	"region_id" text NOT NULL,
	"read_through" timestamp with time zone NOT NULL,
	CONSTRAINT "usage_reads_pkey" PRIMARY KEY("job","account_id","region_id"),
	CONSTRAINT "usage_reads_hour" CHECK (date_trunc('hour', "usage_reads"."read_through", 'UTC') = "usage_reads"."read_through")
);
