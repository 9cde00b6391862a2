-- What the inspection of a version found and what its X-ray shows, in JSON, sealed under the key of the version and in
-- base64; NULL for versions of before. It takes the place of the findings, which named parts of the file in the clear.
ALTER TABLE document_versions ADD COLUMN examination TEXT;
-- PostgreSQL keeps the values of a dropped column until the row is written again.
UPDATE document_versions SET findings = '';
ALTER TABLE document_versions DROP COLUMN findings;
