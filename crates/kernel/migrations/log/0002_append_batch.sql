-- Stores a batch of appends one by one, so that each stands or falls alone: for a batch that can
-- not be stored as a whole. The rows are the same as when it can.
--
-- Parameters: s_* streams as they have to be before an append; e_* events; r_* one entry an append.
-- An append is named by its number, from 1.
-- s_after: the event that a stream has to end with, when the decision was made on an event that was
-- not stored yet; a version alone would not tell it from somebody else's event.
-- r_keep: whether the answer is kept for repeats; an append that only asks whether streams are
-- still as they were read keeps none.

-- What an event's hash is made of, besides the hash before it.
CREATE FUNCTION canonical_event(
    "position" bigint, event_id uuid, tenant_id text, aggregate_type text, aggregate_id text,
    sequence bigint, event_type text, event_version text, recorded_at timestamptz, metadata text,
    payload text
) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT convert_to(concat_ws(E'\n',
        "position", event_id, tenant_id, aggregate_type, aggregate_id, sequence, event_type,
        event_version, (extract(epoch FROM recorded_at) * 1000000)::bigint,
        octet_length(metadata), metadata, payload
    ), 'UTF8')
$$;

-- Stores what can be stored and says for each append what became of it:
--   stored    its events are in the log, or its streams are as it read them
--   repeated  its request was answered before; the same answer again
--   reused    its request id was used for another request
--   conflict  a stream it depends on is not as expected
CREATE FUNCTION append_each(
    s_append int[], s_type text[], s_id text[], s_version bigint[], s_after uuid[],
    e_append int[], e_type text[], e_id text[], e_sequence bigint[], e_name text[],
    e_version text[], e_payload text[], e_event_id uuid[],
    r_tenant text[], r_request uuid[], r_digest bytea[], r_object text[], r_version bigint[],
    r_metadata text[], r_keep boolean[]
) RETURNS TABLE (outcome text, object_id text, version bigint, log_position bigint)
LANGUAGE plpgsql AS $$
DECLARE
    head   log_head%ROWTYPE;
    known  requests%ROWTYPE;
    last   record;
    clash  boolean;
    s_next int := 1; -- streams and events come in the order of their appends
    e_next int := 1;
    s_from int;
    e_from int;
BEGIN
    SELECT * INTO head FROM log_head FOR UPDATE;
    head.recorded_at := greatest(clock_timestamp(), head.recorded_at);
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
            IF known.object_id IS NULL THEN
                SELECT substr(e.aggregate_id, length(known.tenant_id) + 2), e.sequence
                INTO object_id, version FROM events e WHERE e.position = known.position;
            END IF;
            RETURN NEXT;
            CONTINUE;
        END IF;

        clash := false;
        FOR s IN s_from .. s_next - 1 LOOP
            SELECT e.sequence, e.event_id INTO last FROM events e
            WHERE e.aggregate_id = s_id[s] AND e.aggregate_type = s_type[s]
            ORDER BY e.sequence DESC LIMIT 1;
            clash := coalesce(last.sequence, 0) <> s_version[s]
                OR (s_after[s] IS NOT NULL AND s_after[s] IS DISTINCT FROM last.event_id);
            EXIT WHEN clash;
        END LOOP;
        IF clash THEN
            outcome := 'conflict';
            object_id := r_object[append];
            version := coalesce(last.sequence, 0);
            log_position := head.position;
            RETURN NEXT;
            CONTINUE;
        END IF;

        FOR e IN e_from .. e_next - 1 LOOP
            head.position := head.position + 1;
            head.hash := sha256(head.hash || canonical_event(
                head.position, e_event_id[e], r_tenant[append], e_type[e], e_id[e], e_sequence[e],
                e_name[e], e_version[e], head.recorded_at, r_metadata[append], e_payload[e]));
            INSERT INTO events VALUES (
                e_id[e], e_type[e], e_sequence[e], e_name[e], e_version[e], e_payload[e]::json,
                r_metadata[append]::json, head.position, e_event_id[e], r_tenant[append],
                head.recorded_at, head.hash
            );
        END LOOP;
        IF r_keep[append] THEN
            INSERT INTO requests VALUES (
                r_request[append], r_tenant[append], r_digest[append], head.position,
                r_object[append], r_version[append]
            );
        END IF;
        outcome := 'stored';
        object_id := r_object[append];
        version := r_version[append];
        log_position := head.position;
        RETURN NEXT;
    END LOOP;
    UPDATE log_head SET position = head.position, hash = head.hash,
        recorded_at = head.recorded_at;
END;
$$;
