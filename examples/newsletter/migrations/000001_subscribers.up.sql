CREATE TABLE subscribers (id bigserial PRIMARY KEY, address text NOT NULL UNIQUE, since timestamptz NOT NULL DEFAULT now());
