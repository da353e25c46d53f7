-- The people of each tenant and their invitations, without anything personal: names are looked up
-- in the log when they are shown.
CREATE TABLE users (
    tenant_id     text        NOT NULL,
    login         text        NOT NULL,
    suspended     boolean     NOT NULL,
    erased        boolean     NOT NULL,
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, login)
);

CREATE TABLE memberships (
    tenant_id text   NOT NULL,
    login     text   NOT NULL,
    company   text   NOT NULL, -- `brand`, or `dealer:` and the dealer's id
    dealer_id text, -- none of the brand's people
    roles     text[] NOT NULL,
    regions   text[] NOT NULL, -- roots of what they see; none means all
    PRIMARY KEY (tenant_id, login, company)
);
CREATE INDEX memberships_of_dealer ON memberships (tenant_id, dealer_id);

CREATE TABLE invitations (
    tenant_id     text        NOT NULL,
    invitation_id text        NOT NULL,
    dealer_id     text, -- none for the brand
    roles         text[]      NOT NULL,
    regions       text[]      NOT NULL,
    sent_by       text        NOT NULL,
    sent_at       timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    accepted_by   text, -- their login
    revoked       boolean     NOT NULL,
    PRIMARY KEY (tenant_id, invitation_id)
);
