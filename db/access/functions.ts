/**
 * The SQL functions that tell what the person behind the present query may see. They read `penny.scope`, which the service
 * sets for a transaction and signs (context.ts); whatever else stands there is refused. A missing scope is an error rather than an
 * empty answer, so that a mistake of ours can never be read as "there is no cost".
 *
 * The policies call them inside a scalar subquery, so each is worked out once for a query and not for each row.
 */
export const ACCESS_FUNCTIONS = `
CREATE FUNCTION access.scope() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  context text := current_setting('penny.scope', true);
  payload text := left(context, -65);
  key bytea;
BEGIN
  IF coalesce(length(context), 0) < 66 THEN
    RAISE EXCEPTION 'nobody is named on whose behalf to read' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT decode(value, 'hex') INTO STRICT key FROM public.service_secrets WHERE name = 'scope_key';
  IF right(context, 64) <> encode(sha256(key || sha256(key || convert_to(payload, 'UTF8'))), 'hex')
    OR (payload::jsonb ->> 'pid')::int <> pg_backend_pid() THEN
    RAISE EXCEPTION 'the scope is not one that the service has set' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN payload::jsonb;
END $$;

CREATE FUNCTION access.sees_all() RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$ SELECT (access.scope() ->> 'all')::boolean $$;

CREATE FUNCTION access.person() RETURNS uuid
LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$ SELECT (access.scope() ->> 'user')::uuid $$;

CREATE FUNCTION access.sub_accounts() RETURNS text[]
LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT array(SELECT jsonb_array_elements_text(access.scope() -> 'subAccountIds')) $$;

CREATE FUNCTION access.tags() RETURNS TABLE (key text, value text)
LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT lower(tag ->> 'key'), lower(tag ->> 'value') FROM jsonb_array_elements(access.scope() -> 'tags') AS tag $$;

CREATE FUNCTION access.tag_sets() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
  WITH wanted AS MATERIALIZED (SELECT * FROM access.tags())
  SELECT tag_set_id FROM public.tag_sets, wanted WHERE lower(folded ->> wanted.key) = wanted.value $$;

CREATE FUNCTION access.allocation_sets() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
  WITH wanted AS MATERIALIZED (SELECT * FROM access.tags())
  SELECT allocation_set_id FROM public.allocation_sets AS sets, wanted WHERE lower(sets.tags ->> wanted.key) = wanted.value $$;

CREATE FUNCTION access.tagged(tags jsonb) RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT EXISTS (SELECT FROM access.tags() AS wanted, jsonb_each_text(tags) AS tag
    WHERE lower(tag.key) = wanted.key AND lower(tag.value) = wanted.value) $$;

CREATE FUNCTION access.in_scope(dimensions jsonb) RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT dimensions ->> 'sub_account_id' = ANY (access.sub_accounts())
    OR EXISTS (SELECT FROM access.tags() AS wanted, jsonb_each_text(dimensions) AS dimension
      WHERE lower(dimension.key) = 'tag:' || wanted.key AND lower(dimension.value) = wanted.value) $$;
`;
