//! Schemas of views on PostgreSQL: the search path begins with them.

use super::Postgres;
use crate::{
    dialect::{
        SqlDialect as _,
        views::{Grants, UrlParts, View, Views, percent_encoded},
    },
    sql::quote_all,
};
use soft_delete_core::engine_api::base_schema::MARKER_VIEW;

/// The trigger of each view, and its function.
const REFUSE: &str = "soft_delete_refuse_delete";

impl Views for Postgres {
    fn falls_through(&self) -> bool {
        true
    }

    fn schema_query(&self) -> &'static str {
        "SELECT 1 FROM pg_catalog.pg_namespace n WHERE n.nspname = $1"
    }

    fn views_query(&self) -> &'static str {
        "SELECT c.relname::text, pg_get_viewdef(c.oid), coalesce(c.reloptions::text, '') \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relkind = 'v' ORDER BY c.relname"
    }

    fn others_query(&self) -> &'static str {
        "SELECT o.name FROM (SELECT c.relnamespace AS schema, c.relname::text AS name FROM pg_catalog.pg_class c \
         WHERE c.relkind IN ('r', 'p', 'f', 'm', 'S') \
         UNION ALL SELECT p.pronamespace, p.proname::text FROM pg_catalog.pg_proc p \
         WHERE p.proname <> 'soft_delete_refuse_delete') AS o \
         JOIN pg_catalog.pg_namespace n ON n.oid = o.schema WHERE n.nspname = $1 ORDER BY o.name"
    }

    fn schemas_with_view_query(&self) -> &'static str {
        "SELECT n.nspname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relname = $1 AND c.relkind = 'v' ORDER BY n.nspname"
    }

    fn invoker_query(&self) -> Option<&'static str> {
        Some("SELECT (current_setting('server_version_num')::int >= 150000)::int::bigint")
    }

    fn create_schema(&self, schema: &str) -> Vec<String> {
        let quoted = self.quote(schema);
        let message = self.literal(&format!(
            "rows of %s are not removed through the schema {schema}, which shows active rows: delete them with soft-delete, or \
             remove them from the table itself",
        ));
        vec![
            format!("CREATE SCHEMA IF NOT EXISTS {quoted}"),
            format!(
                "CREATE OR REPLACE FUNCTION {quoted}.{REFUSE}() RETURNS trigger LANGUAGE plpgsql AS $soft_delete$\n\
                 BEGIN\n    RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', \
                 MESSAGE = format({message}, TG_TABLE_NAME);\nEND\n$soft_delete$"
            ),
        ]
    }

    fn drop_schema(&self, schema: &str) -> Vec<String> {
        let schema = self.quote(schema);
        vec![
            format!("DROP FUNCTION IF EXISTS {schema}.{REFUSE}()"),
            format!("DROP SCHEMA {schema}"),
        ]
    }

    /// DELETE is refused, and INSERT and UPDATE are the table's.
    fn create_view(&self, view: &View<'_>) -> Vec<String> {
        let name = self.quote_in(Some(view.schema), view.name);
        let mut options = Vec::new();
        if view.is_invoker {
            options.push("security_invoker = true");
        }
        let condition = view.deleted_at.map(|deleted_at| {
            options.push("check_option = local");
            format!(" WHERE {} IS NULL", self.quote(deleted_at))
        });
        let create = format!(
            "CREATE {}VIEW {name}{} AS SELECT {} FROM {}{}",
            if view.is_extended { "OR REPLACE " } else { "" },
            match options[..] {
                [] => String::new(),
                _ => format!(" WITH ({})", options.join(", ")),
            },
            quote_all(self, &view.columns),
            self.quote_in(Some(view.base), view.name),
            condition.unwrap_or_default(),
        );
        let refuse = format!(
            "CREATE TRIGGER {REFUSE} INSTEAD OF DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION {}.{REFUSE}()",
            self.quote(view.schema),
        );
        let has_trigger = view.is_extended || view.deleted_at.is_none();
        match has_trigger {
            true => vec![create],
            false => vec![create, refuse],
        }
    }

    fn replaces_views(&self) -> bool {
        false
    }

    fn has_options(&self, options: &str, view: &View<'_>) -> bool {
        options.contains("check_option=local") == view.deleted_at.is_some()
            && options.contains("security_invoker=true") == view.is_invoker
    }

    fn grants(&self, grants: &Grants<'_>) -> Vec<String> {
        let user = self.quote(grants.user);
        let [schema, base] = [grants.schema, grants.base].map(|name| self.quote(name));
        let mut all = vec![format!("GRANT USAGE ON SCHEMA {schema}, {base} TO {user}")];
        let names = |schema: &str, tables: &[&str]| {
            let names = tables.iter();
            let names: Vec<_> = names
                .map(|name| self.quote_in(Some(schema), name))
                .collect();
            names.join(", ")
        };
        if !grants.active.is_empty() {
            // A view with its user's privileges needs them on the table, and so does the engine.
            all.push(format!(
                "GRANT SELECT, INSERT, UPDATE ON {}, {} TO {user}",
                names(grants.schema, &grants.active),
                names(grants.base, &grants.active),
            ));
        }
        all.push(format!(
            "GRANT SELECT ON {} TO {user}",
            self.quote_in(Some(grants.schema), MARKER_VIEW)
        ));
        all
    }

    /// `options` has the search path. The last one that is given counts.
    fn url(&self, parts: UrlParts<'_>, schema: &str, base: Option<&str>) -> String {
        let base = base.unwrap_or("public");
        let path = [schema, base].map(|name| self.path_element(name)).join(",");
        let option = percent_encoded(&format!("-c search_path={path}"));
        let before = parts
            .query
            .map_or_else(String::new, |query| format!("{query}&"));
        format!(
            "{}://{}/{}?{before}options={option}",
            parts.scheme, parts.authority, parts.database
        )
    }
}

impl Postgres {
    /// In the option of a session blanks and backslashes have a backslash before them.
    fn path_element(&self, name: &str) -> String {
        let is_plain = name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            && name
                .bytes()
                .next()
                .is_some_and(|byte| !byte.is_ascii_digit());
        match is_plain {
            true => name.to_owned(),
            false => self.quote(name).replace('\\', "\\\\").replace(' ', "\\ "),
        }
    }
}
