/**
 * Functions of Postgres that run SQL held in a text, change settings, wait, lock, signal, write to the log of changes or read files.
 * No role that reads on somebody's behalf may call them, whatever a parser thinks of the statement. Names stand for all
 * their signatures.
 */
export const REVOKED_FUNCTIONS = [
  'set_config',
  'pg_reload_conf',
  'pg_sleep',
  'pg_sleep_for',
  'pg_sleep_until',
  'pg_notify',
  'pg_logical_emit_message',
  'pg_export_snapshot',
  'pg_cancel_backend',
  'pg_terminate_backend',
  'pg_advisory_lock',
  'pg_advisory_lock_shared',
  'pg_advisory_xact_lock',
  'pg_advisory_xact_lock_shared',
  'pg_try_advisory_lock',
  'pg_try_advisory_lock_shared',
  'pg_try_advisory_xact_lock',
  'pg_try_advisory_xact_lock_shared',
  'pg_advisory_unlock',
  'pg_advisory_unlock_shared',
  'pg_advisory_unlock_all',
  'query_to_xml',
  'query_to_xmlschema',
  'query_to_xml_and_xmlschema',
  'cursor_to_xml',
  'cursor_to_xmlschema',
  'table_to_xml',
  'table_to_xmlschema',
  'table_to_xml_and_xmlschema',
  'schema_to_xml',
  'schema_to_xmlschema',
  'schema_to_xml_and_xmlschema',
  'database_to_xml',
  'database_to_xmlschema',
  'database_to_xml_and_xmlschema',
  'ts_stat',
  'ts_rewrite',
  'lo_creat',
  'lo_create',
  'lo_from_bytea',
  'lo_open',
  'lo_close',
  'lo_get',
  'lo_put',
  'lo_truncate',
  'lo_truncate64',
  'lo_unlink',
  'loread',
  'lowrite',
  'pg_stat_reset',
  'pg_stat_clear_snapshot',
  'nextval',
  'setval',
  'txid_current',
  'pg_current_xact_id',
] as const;

/**
 * A statement that takes these functions from everybody and gives them to `keeper`, who runs the service. Only a superuser may run
 * it, once for each database; the embedded Postgres is made with it, and `docs/security.md` has it for any other.
 */
export function revokeFunctions(keeper: string): string {
  const names = REVOKED_FUNCTIONS.map((name) => `'${name}'`).join(', ');
  return `DO $$ DECLARE signature regprocedure; BEGIN FOR signature IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN (${names}) LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature); EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO ${keeper} WITH GRANT OPTION', signature); END LOOP; REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC; GRANT USAGE ON LANGUAGE plpgsql TO ${keeper}; END $$`;
}
