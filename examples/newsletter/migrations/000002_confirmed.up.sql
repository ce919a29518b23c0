ALTER TABLE subscribers ADD COLUMN confirmed boolean NOT NULL DEFAULT false;
