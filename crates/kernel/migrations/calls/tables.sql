-- Every call of an rpc, also the refused ones. A day is a partition, so that old days go at once.
CREATE TABLE IF NOT EXISTS calls (
    call_id     uuid        NOT NULL,
    -- When the call was taken.
    at          timestamptz NOT NULL,
    -- Empty when nobody is known to call, and for the operator.
    tenant_id   text        NOT NULL,
    -- Empty when nobody is known to call.
    actor_id    text        NOT NULL,
    -- `<package>.<Service>/<Method>`.
    rpc         text        NOT NULL,
    -- Ids that the request names, as `field=id`, a few of them.
    named       text[]      NOT NULL,
    -- What the caller got in with, `none` or `token`.
    credential  text        NOT NULL,
    address     text        NOT NULL,
    user_agent  text        NOT NULL,
    -- success, refused, error or unknown.
    result      text        NOT NULL,
    -- Code of gRPC; NULL when the call broke off.
    code        smallint,
    -- Reason of a refusal.
    reason      text        NOT NULL,
    micros      bigint      NOT NULL,
    trace_id    text        NOT NULL,
    PRIMARY KEY (at, call_id)
) PARTITION BY RANGE (at);

CREATE INDEX IF NOT EXISTS calls_by_tenant ON calls (tenant_id, at DESC, call_id);
CREATE INDEX IF NOT EXISTS calls_by_actor ON calls (tenant_id, actor_id, at DESC, call_id);
