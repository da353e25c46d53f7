-- Stores a batch of appends by one statement: no client thinks while the head is locked, and one
-- commit serves them all. Each append stands or falls alone:
--   stored    its events are in the log
--   repeated  its request was answered before; the same answer again
--   reused    its request id was used for another request
--   conflict  a stream it depends on has another version than expected
--
-- s_*: streams an append depends on; e_*: its events; r_*: one entry an append, from 1.
CREATE FUNCTION append_batch(
    s_append int[], s_type text[], s_id text[], s_expected bigint[],
    e_append int[], e_type text[], e_id text[], e_sequence bigint[], e_name text[],
    e_version text[], e_payload text[], e_metadata text[], e_event_id uuid[],
    r_tenant text[], r_request uuid[], r_digest bytea[], r_object text[], r_version bigint[]
) RETURNS TABLE (outcome text, object_id text, version bigint, log_position bigint)
LANGUAGE plpgsql AS $$
DECLARE
    head       log_head%ROWTYPE;
    known      requests%ROWTYPE;
    clash      bigint;
    s_next     int := 1; -- streams and events come in the order of their appends
    e_next     int := 1;
    s_from     int;
    e_from     int;
    moment     timestamptz;
BEGIN
    SELECT * INTO head FROM log_head FOR UPDATE;
    FOR append IN 1 .. cardinality(r_tenant) LOOP
        s_from := s_next;
        WHILE s_append[s_next] = append LOOP s_next := s_next + 1; END LOOP;
        e_from := e_next;
        WHILE e_append[e_next] = append LOOP e_next := e_next + 1; END LOOP;

        SELECT * INTO known FROM requests r
        WHERE r.tenant_id = r_tenant[append] AND r.request_id = r_request[append];
        IF FOUND THEN
            outcome := CASE WHEN known.digest = r_digest[append] THEN 'repeated' ELSE 'reused' END;
            object_id := known.object_id;
            version := known.version;
            log_position := known.position;
            RETURN NEXT;
            CONTINUE;
        END IF;

        clash := NULL;
        FOR s IN s_from .. s_next - 1 LOOP
            SELECT coalesce(max(e.sequence), 0) INTO clash FROM events e
            WHERE e.aggregate_type = s_type[s] AND e.aggregate_id = s_id[s]
            HAVING coalesce(max(e.sequence), 0) <> s_expected[s];
            EXIT WHEN FOUND;
            clash := NULL;
        END LOOP;
        IF clash IS NOT NULL THEN
            outcome := 'conflict';
            object_id := r_object[append];
            version := clash;
            log_position := head.position;
            RETURN NEXT;
            CONTINUE;
        END IF;

        moment := clock_timestamp();
        FOR e IN e_from .. e_next - 1 LOOP
            head.position := head.position + 1;
            head.hash := sha256(head.hash || convert_to(concat_ws(E'\n',
                head.position, e_event_id[e], r_tenant[append], e_type[e], e_id[e],
                e_sequence[e], e_name[e], e_version[e],
                (extract(epoch FROM moment) * 1000000)::bigint, octet_length(e_metadata[e]),
                e_metadata[e], e_payload[e]
            ), 'UTF8'));
            INSERT INTO events VALUES (
                e_type[e], e_id[e], e_sequence[e], e_name[e], e_version[e], e_payload[e]::json,
                e_metadata[e]::json, head.position, e_event_id[e], r_tenant[append], moment,
                head.hash
            );
        END LOOP;
        INSERT INTO requests VALUES (
            r_tenant[append], r_request[append], r_digest[append], r_object[append],
            r_version[append], head.position, moment
        );
        outcome := 'stored';
        object_id := r_object[append];
        version := r_version[append];
        log_position := head.position;
        RETURN NEXT;
    END LOOP;
    UPDATE log_head SET position = head.position, hash = head.hash;
END;
$$;
