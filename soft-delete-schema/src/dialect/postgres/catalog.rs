//! PostgreSQL's catalog. A schema that is not given is any of the search path.
//!
//! A foreign key of a partitioned table, or to one, is in the catalog once more for each partition: those have a parent
//! (`conparentid`), and are left out.

use crate::dialect::{Queries, SearchPath};

pub(super) const QUERIES: Queries = Queries {
    search_path: SearchPath::Query(
        "SELECT p.name::text FROM unnest(current_schemas(false)) WITH ORDINALITY AS p (name, place) ORDER BY p.place",
    ),
    repeats_values: false,
    columns: "
SELECT n.nspname::text, c.relname::text, (c.relkind IN ('v', 'm'))::int::bigint, a.attname::text,
    format_type(a.atttypid, a.atttypmod), (NOT a.attnotnull)::int::bigint,
    CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END, c.relhassubclass::int::bigint,
    EXISTS (SELECT 1 FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid)::int::bigint
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
AND (n.nspname = $1::text OR $1::text IS NULL AND n.nspname = ANY (current_schemas(false)))
AND (c.relname = $2::text OR $2::text IS NULL)
ORDER BY n.nspname, c.relname, a.attnum",
    indexes: "
SELECT n.nspname::text, t.relname::text, i.relname::text, x.indisunique::int::bigint, x.indisprimary::int::bigint,
    (con.oid IS NOT NULL)::int::bigint, x.indisvalid::int::bigint,
    coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false)::int::bigint,
    pg_get_expr(x.indpred, x.indrelid), a.attname::text, pg_get_indexdef(x.indexrelid, k.place::int, true)
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k (number, place)
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number AND k.number > 0
LEFT JOIN pg_catalog.pg_constraint con
    ON con.conindid = x.indexrelid AND con.conrelid = t.oid AND con.contype IN ('p', 'u', 'x')
WHERE k.place <= x.indnkeyatts
AND (n.nspname = $1::text OR $1::text IS NULL AND n.nspname = ANY (current_schemas(false)))
AND (t.relname = $2::text OR $2::text IS NULL)
ORDER BY n.nspname, t.relname, i.relname, k.place",
    foreign_keys: "
SELECT n.nspname::text, t.relname::text, con.conname::text, a.attname::text, pn.nspname::text, p.relname::text, pa.attname::text,
    CASE con.confdeltype
        WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' ELSE 'NO ACTION'
    END, pg_get_constraintdef(con.oid)
FROM pg_catalog.pg_constraint con
JOIN pg_catalog.pg_class t ON t.oid = con.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_class p ON p.oid = con.confrelid
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL unnest(con.conkey, con.confkey) WITH ORDINALITY AS k (number, parent_number, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.number
JOIN pg_catalog.pg_attribute pa ON pa.attrelid = con.confrelid AND pa.attnum = k.parent_number
WHERE con.contype = 'f' AND con.conparentid = 0
AND (n.nspname = $1::text OR $1::text IS NULL AND n.nspname = ANY (current_schemas(false)))
AND (t.relname = $2::text OR p.relname = $2::text OR $2::text IS NULL)
ORDER BY n.nspname, t.relname, con.conname, k.place",
    triggers: "
SELECT n.nspname::text, t.relname::text, g.name, g.kind, g.columns, g.body
FROM (
    SELECT g.tgrelid AS relation, g.tgname::text AS name,
        CASE
            WHEN g.tgtype & 19 = 19 AND g.tgenabled <> 'D' AND f.pronamespace <> 'pg_catalog'::regnamespace THEN 'update'
            ELSE ''
        END AS kind,
        (
            SELECT string_agg(a.attname::text, chr(31)) FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = g.tgrelid AND a.attnum = ANY (g.tgattr)
        ) AS columns, CASE WHEN l.lanname = 'plpgsql' THEN f.prosrc END AS body
    FROM pg_catalog.pg_trigger g
    JOIN pg_catalog.pg_proc f ON f.oid = g.tgfoid
    JOIN pg_catalog.pg_language l ON l.oid = f.prolang
    WHERE NOT g.tgisinternal
    UNION ALL
    SELECT r.ev_class, r.rulename::text, 'rule', NULL, pg_get_ruledef(r.oid)
    FROM pg_catalog.pg_rewrite r WHERE r.ev_type = '2' AND r.ev_enabled <> 'D'
    UNION ALL
    SELECT c.oid, pol.polname::text, 'policy', NULL, pg_get_expr(pol.polqual, pol.polrelid)
    FROM pg_catalog.pg_class c
    LEFT JOIN pg_catalog.pg_policy pol ON pol.polrelid = c.oid AND pol.polcmd IN ('w', '*')
    WHERE c.relrowsecurity
) AS g
JOIN pg_catalog.pg_class t ON t.oid = g.relation AND t.relkind IN ('r', 'p', 'f')
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE (n.nspname = $1::text OR $1::text IS NULL AND n.nspname = ANY (current_schemas(false)))
AND (t.relname = $2::text OR $2::text IS NULL)
ORDER BY n.nspname, t.relname, g.name",
};
