-- The roles that go through the wall between tenants. They are known to the whole server, and
-- nobody signs in as them: logins are given one of them, or take it on.
--   qudao_all     sees and changes rows of all tenants
--   qudao_tenant  sees rows of the one tenant that its transaction is for
-- Run at every start by the login that owns the tables.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['qudao_all', 'qudao_tenant'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another process was faster, perhaps in another database
            END;
        END IF;
        -- An owner that is no superuser sees rows by the policies too, and where there is no other
        -- login, takes on the roles itself.
        IF NOT pg_has_role(current_user, role, 'USAGE') THEN
            BEGIN
                EXECUTE format('GRANT %I TO CURRENT_USER', role);
            EXCEPTION WHEN unique_violation OR insufficient_privilege THEN
                NULL; -- with logins of their own it is not needed; else signing in will tell
            END;
        END IF;
    END LOOP;
END $$;
