ALTER TABLE subscribers DROP COLUMN confirmed;
