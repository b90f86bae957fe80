//! SQLite's catalog: that of the database `main`, which is the only schema a table can be in here.

use crate::dialect::{Queries, SearchPath};

pub(super) const QUERIES: Queries = Queries {
    search_path: SearchPath::Fixed("main"),
    repeats_values: false,
    columns: "
SELECT 'main', m.name, m.type = 'view', c.name, c.type, c.\"notnull\" = 0,
    CASE WHEN c.hidden IN (2, 3) THEN m.sql END, CASE WHEN upper(c.dflt_value) <> 'NULL' THEN c.dflt_value END
FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS c
WHERE m.type IN ('table', 'view') AND coalesce($1, 'main') = 'main' AND (m.name = $2 COLLATE NOCASE OR $2 IS NULL)
ORDER BY m.name, c.cid",
    // A table WITHOUT ROWID, or with a key of another type than INTEGER, has an index for its primary key. Others have none:
    // the row that is added for them says what the key is.
    indexes: "
SELECT 'main', m.name, i.name, i.\"unique\", i.origin = 'pk', i.origin <> 'c', 1, 0,
    CASE WHEN i.partial THEN s.sql END, k.name, s.sql
FROM sqlite_master AS m JOIN pragma_index_list(m.name) AS i JOIN pragma_index_xinfo(i.name) AS k
LEFT JOIN sqlite_master AS s ON s.type = 'index' AND s.name = i.name
WHERE m.type = 'table' AND k.key = 1 AND coalesce($1, 'main') = 'main' AND (m.name = $2 COLLATE NOCASE OR $2 IS NULL)
UNION ALL
SELECT * FROM (
    SELECT 'main', m.name, '', 1, 1, 1, 1, 0, NULL, c.name, NULL
    FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
    WHERE m.type = 'table' AND c.pk > 0 AND coalesce($1, 'main') = 'main' AND (m.name = $2 COLLATE NOCASE OR $2 IS NULL)
    AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) AS i WHERE i.origin = 'pk')
    ORDER BY m.name, c.pk
)",
    foreign_keys: "
SELECT 'main', m.name, CAST(f.id AS TEXT), f.\"from\", 'main', f.\"table\", f.\"to\", f.on_delete, NULL
FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f
WHERE m.type = 'table' AND coalesce($1, 'main') = 'main'
AND (m.name = $2 COLLATE NOCASE OR f.\"table\" = $2 COLLATE NOCASE OR $2 IS NULL)
ORDER BY m.name, f.id, f.seq",
    triggers: "
SELECT 'main', m.tbl_name, m.name, 'definition', NULL, m.sql FROM sqlite_master AS m
WHERE m.type = 'trigger' AND coalesce($1, 'main') = 'main' AND (m.tbl_name = $2 COLLATE NOCASE OR $2 IS NULL)
ORDER BY m.tbl_name, m.name",
};
