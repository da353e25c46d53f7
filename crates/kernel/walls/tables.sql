-- Puts the wall up on all tables of the current schema, where it is missing: who may touch them at
-- all, and which rows they see. A table of which no row belongs to a tenant is for qudao_all alone.
-- Run after tables were made and at every start; it changes and locks nothing that is as it
-- should be.
DO $$
DECLARE
    own CONSTANT text := '(SELECT nullif(current_setting(''qudao.tenant'', true), ''''))';
    met record;
BEGIN
    IF NOT (has_schema_privilege('qudao_all', current_schema(), 'USAGE')
            AND has_schema_privilege('qudao_tenant', current_schema(), 'USAGE')) THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO qudao_all, qudao_tenant', current_schema());
    END IF;
    FOR met IN
        SELECT c.oid, c.oid::regclass AS name, c.relrowsecurity, c.relforcerowsecurity,
            (SELECT CASE WHEN 'tenant_id' = ANY(array_agg(attname)) THEN 'tenant_id'
                         -- Snapshots: the tenant is the first part of an object's stored id.
                         WHEN 'aggregate_id' = ANY(array_agg(attname))
                         THEN 'split_part(aggregate_id, ''/'', 1)' END
             FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS tenant
        FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
            AND c.relname <> '_sqlx_migrations'
    LOOP
        IF NOT (has_table_privilege('qudao_all', met.oid, 'SELECT')
                AND has_table_privilege('qudao_all', met.oid, 'INSERT')
                AND has_table_privilege('qudao_all', met.oid, 'UPDATE')
                AND has_table_privilege('qudao_all', met.oid, 'DELETE')) THEN
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO qudao_all', met.name);
        END IF;
        CONTINUE WHEN met.tenant IS NULL;
        IF NOT has_table_privilege('qudao_tenant', met.oid, 'SELECT') THEN
            EXECUTE format('GRANT SELECT ON %s TO qudao_tenant', met.name);
        END IF;
        IF NOT EXISTS (SELECT FROM pg_policy
                       WHERE polrelid = met.oid AND polname = 'all_tenants') THEN
            EXECUTE format('CREATE POLICY all_tenants ON %s TO qudao_all USING (true)', met.name);
        END IF;
        IF NOT EXISTS (SELECT FROM pg_policy
                       WHERE polrelid = met.oid AND polname = 'one_tenant') THEN
            EXECUTE format('CREATE POLICY one_tenant ON %s TO qudao_tenant USING (%s = %s)',
                met.name, met.tenant, own);
        END IF;
        IF NOT met.relrowsecurity THEN
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', met.name);
        END IF;
        IF NOT met.relforcerowsecurity THEN
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', met.name);
        END IF;
    END LOOP;
END $$;
