//! Schemas of views on MySQL and MariaDB: databases of their own.

use super::MySql;
use crate::{
    dialect::{
        SqlDialect as _,
        views::{Grants, UrlParts, View, Views, percent_encoded},
    },
    sql::quote_all,
};
use soft_delete_core::engine_api::base_schema::MARKER_VIEW;

impl Views for MySql {
    fn falls_through(&self) -> bool {
        false
    }

    fn schema_query(&self) -> &'static str {
        "SELECT 1 FROM information_schema.SCHEMATA s WHERE s.SCHEMA_NAME = ?"
    }

    /// A definition is empty to a user who may not see it.
    fn views_query(&self) -> &'static str {
        "SELECT CAST(v.TABLE_NAME AS CHAR), CAST(v.VIEW_DEFINITION AS CHAR), CAST(v.CHECK_OPTION AS CHAR) \
         FROM information_schema.VIEWS v WHERE v.TABLE_SCHEMA = ? ORDER BY v.TABLE_NAME"
    }

    fn others_query(&self) -> &'static str {
        "SELECT CAST(t.TABLE_NAME AS CHAR) FROM information_schema.TABLES t \
         WHERE t.TABLE_SCHEMA = ? AND t.TABLE_TYPE = 'BASE TABLE' \
         UNION ALL SELECT CAST(r.ROUTINE_NAME AS CHAR) FROM information_schema.ROUTINES r WHERE r.ROUTINE_SCHEMA = ? \
         UNION ALL SELECT CAST(e.EVENT_NAME AS CHAR) FROM information_schema.EVENTS e WHERE e.EVENT_SCHEMA = ?"
    }

    fn schemas_with_view_query(&self) -> &'static str {
        "SELECT CAST(t.TABLE_SCHEMA AS CHAR) FROM information_schema.TABLES t \
         WHERE t.TABLE_NAME = ? AND t.TABLE_TYPE = 'VIEW' ORDER BY t.TABLE_SCHEMA"
    }

    fn create_schema(&self, schema: &str) -> Vec<String> {
        vec![format!(
            "CREATE DATABASE IF NOT EXISTS {}",
            self.quote(schema)
        )]
    }

    fn drop_schema(&self, schema: &str) -> Vec<String> {
        vec![format!("DROP DATABASE {}", self.quote(schema))]
    }

    fn create_view(&self, view: &View<'_>) -> Vec<String> {
        let select = format!(
            "SQL SECURITY DEFINER VIEW {} AS SELECT {} FROM {}",
            self.quote_in(Some(view.schema), view.name),
            quote_all(self, &view.columns),
            self.quote_in(Some(view.base), view.name),
        );
        vec![match view.deleted_at {
            Some(deleted_at) => format!(
                "CREATE OR REPLACE ALGORITHM = MERGE {select} WHERE {} IS NULL WITH LOCAL CHECK OPTION",
                self.quote(deleted_at)
            ),
            None => format!("CREATE OR REPLACE {select}"),
        }]
    }

    fn replaces_views(&self) -> bool {
        true
    }

    fn has_options(&self, options: &str, view: &View<'_>) -> bool {
        (options == "LOCAL") == view.deleted_at.is_some()
    }

    /// A view has the privileges of whoever made it, so that the tables need none but the engine's.
    fn grants(&self, grants: &Grants<'_>) -> Vec<String> {
        let (name, host) = grants.user.rsplit_once('@').unwrap_or((grants.user, "%"));
        let user = format!("{}@{}", self.literal(name), self.literal(host));
        let on = |privileges: &str, schema: &str, table: &str| {
            let table = self.quote_in(Some(schema), table);
            format!("GRANT {privileges} ON {table} TO {user}")
        };
        let marker = on("SELECT", grants.schema, MARKER_VIEW);
        let active = grants.active.iter().flat_map(|table| {
            [
                on("SELECT, INSERT, UPDATE", grants.schema, table),
                on("SELECT, UPDATE", grants.base, table),
            ]
        });
        let all = grants.all.iter().flat_map(|table| {
            [grants.schema, grants.base]
                .map(|schema| on("SELECT, INSERT, UPDATE, DELETE", schema, table))
        });
        [marker].into_iter().chain(active).chain(all).collect()
    }

    fn url(&self, parts: UrlParts<'_>, schema: &str, _: Option<&str>) -> String {
        let query = parts
            .query
            .map_or_else(String::new, |query| format!("?{query}"));
        format!(
            "{}://{}/{}{query}",
            parts.scheme,
            parts.authority,
            percent_encoded(schema)
        )
    }
}
