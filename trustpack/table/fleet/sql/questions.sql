-- Ten questions to the tables, as macros of DuckDB:
--   FROM holds_package('openssl', '3.0.19');
-- Each row leads back to a place in a pack: pack_id, source_path, source_pointer.

-- A text that sorts as versions do, for package versions of one type of package URL:
-- numbers by their value, "~" before everything, letters before other characters. Of
-- deb and rpm it is their own order but for rare characters; of others a version with "-" (1.2-rc1) comes before the one without.
CREATE OR REPLACE MACRO version_key(package_type, text) AS (
  list_aggregate(list_transform(
    regexp_extract_all(
      CASE WHEN package_type IN ('deb', 'rpm', 'alpm', 'apk')
        THEN CASE WHEN regexp_matches(text, '^[0-9]+:') THEN text ELSE '0:' || text END
        ELSE replace(regexp_replace(text, '^(v|go)([0-9])', '\2'), '-', '~') END,
      '[0-9]+|[^0-9]+'),
    lambda part: CASE WHEN regexp_matches(part, '^[0-9]')
      THEN lpad(ltrim(part, '0'), greatest(24, length(part))::INTEGER, '0')
      ELSE translate(part, '~:.-+_', chr(1) || chr(3) || '{|}_') END), 'string_agg', '') || chr(2));

-- 1. Which releases hold a package, by name, in a version below the one given?
CREATE OR REPLACE MACRO holds_package(package, below) AS TABLE
  SELECT product, version, image, name, package_version, purl, pack_id, source_path, source_pointer
  FROM packages
  WHERE name = package AND version_key(purl_type, package_version) < version_key(purl_type, below)
  ORDER BY product, version_number DESC, image, package_version;

-- 2. Of each product, the newest release without a vulnerability. None if every one has it.
CREATE OR REPLACE MACRO newest_without(id) AS TABLE
  SELECT product, arg_max(version, version_number) AS version, arg_max(created, version_number) AS created
  FROM packs
  WHERE pack_id NOT IN (SELECT pack_id FROM findings WHERE vulnerability = id OR list_contains(aliases, id))
  GROUP BY product ORDER BY product;

-- 3. The findings of the newest release of each product, the longest open first: since
-- when has every release had it?
CREATE OR REPLACE MACRO open_longest() AS TABLE
  WITH release AS (
    SELECT product, version_number, min(created) AS created, dense_rank() OVER (PARTITION BY product ORDER BY version_number DESC) AS age
    FROM packs GROUP BY product, version_number
  ), seen AS (
    SELECT DISTINCT f.product, f.image, f.vulnerability, f.name, f.severity, f.severity_rank, r.age, r.created, r.version_number
    FROM findings f JOIN release r USING (product, version_number) WHERE NOT f.waived
  ), run AS ( -- the releases from the newest backwards without a gap
    SELECT *, age - row_number() OVER (PARTITION BY product, image, vulnerability, name ORDER BY age) AS gap FROM seen
  )
  SELECT product, image, vulnerability, name, arg_min(severity, age) AS severity, min(created) AS open_since,
    count(*) AS releases, min(version_number) AS first_release
  FROM run WHERE gap = 0 GROUP BY product, image, vulnerability, name
  ORDER BY open_since, arg_min(severity_rank, age) DESC, product, image, vulnerability, name;

-- 4. Where is anything under a licence, by its SPDX identifier?
CREATE OR REPLACE MACRO holds_license(id) AS TABLE
  SELECT product, version, image, name, package_version, license_expression, pack_id, source_path, source_pointer
  FROM packages WHERE list_contains(licenses, id)
  ORDER BY product, version_number DESC, image, name;

-- 5. Which releases were not shown to be authentic?
CREATE OR REPLACE MACRO not_authentic() AS TABLE
  SELECT product, version, created, authentic, consistent, pack_id
  FROM packs WHERE authentic <> 'pass' ORDER BY product, version_number DESC;

-- 6. Which images have two digests under one version?
CREATE OR REPLACE MACRO digest_changed() AS TABLE
  SELECT product, version, image, list(DISTINCT digest ORDER BY digest) AS digests, list(DISTINCT pack_id ORDER BY pack_id) AS packs
  FROM images WHERE digest IS NOT NULL
  GROUP BY product, version, image HAVING count(DISTINCT digest) > 1 ORDER BY product, version, image;

-- 7. What does the newest release of each product say of the controls of each framework?
CREATE OR REPLACE MACRO control_coverage() AS TABLE
  WITH newest AS (SELECT product, max(version_number) AS version_number FROM packs GROUP BY product),
  control AS (SELECT DISTINCT product, version, framework, edition, control_id, state FROM controls SEMI JOIN newest USING (product, version_number))
  SELECT product, version, framework, edition, count(*) FILTER (state = 'satisfied') AS satisfied, count(*) FILTER (state = 'not satisfied') AS not_satisfied,
    count(*) FILTER (state = 'not assessed') AS not_assessed, count(*) FILTER (state = 'declared gap') AS declared_gap
  FROM control GROUP BY product, version, framework, edition ORDER BY product, framework, edition;

-- 8. Tests that passed only when they were run again, or passed in one release and failed
-- in another, by how often.
CREATE OR REPLACE MACRO flaky_tests() AS TABLE
  SELECT product, suite, name, count(*) FILTER (status = 'flaky' OR status = 'passed' AND attempts > 1) AS reruns,
    count(DISTINCT version_number) FILTER (status = 'passed') AS passed, count(DISTINCT version_number) FILTER (status IN ('failed', 'error')) AS failed
  FROM tests GROUP BY product, suite, name
  HAVING reruns > 0 OR passed > 0 AND failed > 0 ORDER BY reruns DESC, failed DESC, product, suite, name;

-- 9. Which declared gaps are overdue on a day?
CREATE OR REPLACE MACRO overdue_gaps(today) AS TABLE
  SELECT product, version, kind, image, reason, target, pack_id
  FROM gaps WHERE due <= CAST(today AS TIMESTAMPTZ) ORDER BY due, product, version_number;

-- 10. Which packages does only one of the two SBOMs of an image list?
CREATE OR REPLACE MACRO sbom_drift() AS TABLE
  WITH both_formats AS (
    SELECT pack_id, image FROM packages GROUP BY pack_id, image HAVING bool_or(in_spdx) AND bool_or(in_cyclonedx)
  )
  SELECT product, version, image, name, package_version, purl, CASE WHEN in_spdx THEN 'spdx' ELSE 'cyclonedx' END AS only_in, pack_id, source_path, source_pointer
  FROM packages SEMI JOIN both_formats USING (pack_id, image)
  WHERE in_spdx <> in_cyclonedx ORDER BY product, version_number DESC, image, name;
