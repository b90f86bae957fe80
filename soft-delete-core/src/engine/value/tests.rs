use sea_orm::{
    ColumnType, DbBackend, Value,
    sea_query::{ArrayType, Enum, Expr, IntoIden as _, OptionEnum, Query, RcOrArc, StringLen},
};

use super::*;
use crate::{
    engine::cascade::rows::columns,
    model::{ColumnMeta, StampColumns, TableName, TimeKind},
};

fn column_of(name: &str, column_type: ColumnType, value_type: ArrayType) -> ColumnMeta {
    ColumnMeta {
        name: name.to_owned(),
        column_type,
        nullable: false,
        value_type,
        is_cast: false,
    }
}

/// A value of a type of which sea-query has none unless told by a feature.
fn other() -> ArrayType {
    ArrayType::Enum(Box::new("mood".into()))
}

fn tea() -> EntityMeta {
    let mut saved_as = column_of("path", ColumnType::Text, ArrayType::String);
    saved_as.is_cast = true;
    EntityMeta {
        entity: "tea",
        table: TableName {
            schema: Some("a\"b".to_owned()),
            name: "tea".to_owned(),
        },
        group: "default",
        columns: vec![
            column_of("id", ColumnType::BigInteger, ArrayType::BigInt),
            column_of(
                "name",
                ColumnType::String(StringLen::None),
                ArrayType::String,
            ),
            column_of("code", ColumnType::Char(Some(10)), ArrayType::String),
            column_of("price", ColumnType::Decimal(Some((20, 2))), other()),
            column_of(
                "mood",
                ColumnType::Enum {
                    name: "mood".into_iden(),
                    variants: vec!["calm".into_iden()],
                },
                other(),
            ),
            // SeaORM names the type of the elements.
            column_of(
                "tags",
                ColumnType::Array(RcOrArc::new(ColumnType::Text)),
                ArrayType::String,
            ),
            column_of("notes", ColumnType::JsonBinary, other()),
            column_of("it's", ColumnType::Inet, other()),
            column_of("brewed", ColumnType::DateTime, ArrayType::ChronoDateTime),
            saved_as,
        ],
        primary_key: vec!["id".to_owned()],
        stamp: StampColumns {
            deleted_at: "deleted_at".to_owned(),
            deleted_at_kind: TimeKind::ChronoUtc,
            marker: crate::model::Marker::Time,
            scheduled: false,
            as_of: None,
            deletion_id: None,
            deleted_by: None,
            delete_reason: None,
        },
        touch: Vec::new(),
        version: None,
        unique: Vec::new(),
        retention: None,
        foreign_keys: Vec::new(),
        children: Vec::new(),
        hooks: None,
        may_lack_deletion_id: false,
    }
}

fn sql(backend: DbBackend, expr: Expr) -> String {
    let select = Query::select().expr(expr).to_owned();
    let statement = backend.build(&select);
    statement.sql.trim_start_matches("SELECT ").to_owned()
}

fn bound(backend: DbBackend, name: &str, value: impl Into<Value>) -> String {
    sql(backend, bind(&tea(), name, &value.into(), backend))
}

#[test]
fn types_that_drivers_read_are_selected_and_bound_as_they_are() {
    for backend in [DbBackend::Postgres, DbBackend::MySql, DbBackend::Sqlite] {
        for name in ["id", "name", "brewed"] {
            let own = column(&tea(), name);
            assert_eq!(select_value(&tea(), name, backend), own, "{name}");
            assert_eq!(bind(&tea(), name, &"x".into(), backend), Expr::val("x"));
        }
    }
}

#[test]
fn other_types_are_selected_as_texts_where_the_database_has_types() {
    for name in ["price", "mood", "tags", "notes", "it's", "path"] {
        let selected = |backend| sql(backend, select_value(&tea(), name, backend));
        let postgres = selected(DbBackend::Postgres);
        assert_eq!(postgres, format!(r#"CAST("tea"."{name}" AS text)"#));
        let mysql = selected(DbBackend::MySql);
        assert_eq!(mysql, format!("CAST(`tea`.`{name}` AS char)"));
        let sqlite = selected(DbBackend::Sqlite);
        assert_eq!(sqlite, format!(r#""tea"."{name}""#));
    }
}

#[test]
fn only_casts_are_named_when_they_are_selected() {
    let names = ["id".to_owned(), "price".to_owned()];
    let mut select = Query::select();
    select_values(&mut select, &tea(), &names, DbBackend::Postgres);
    let statement = DbBackend::Postgres.build(&select);
    assert_eq!(
        statement.sql,
        r#"SELECT "tea"."id", CAST("tea"."price" AS text) AS "price""#
    );
}

#[test]
fn postgres_reads_a_text_as_what_the_column_is() {
    let bound = |name, value: &str| bound(DbBackend::Postgres, name, value);
    assert_eq!(bound("price", "1.50"), "CAST(CAST($1 AS text) AS numeric)");
    assert_eq!(bound("notes", "{}"), "CAST(CAST($1 AS text) AS jsonb)");
    assert_eq!(bound("mood", "calm"), r#"CAST($1 AS "mood")"#);
    assert_eq!(bound("code", "ab"), "CAST($1 AS bpchar)");
    assert_eq!(
        bound("tags", "{a,b}"),
        r#"(json_populate_record(NULL::"a""b"."tea", json_build_object('tags', $1::text)))."tags""#
    );
    assert_eq!(
        bound("it's", "::1"),
        r#"(json_populate_record(NULL::"a""b"."tea", json_build_object('it''s', $1::text)))."it's""#
    );
}

/// The driver prepares a text once, for the types that came with it first.
#[test]
fn postgres_has_another_text_for_a_value_that_is_no_text() {
    for name in ["price", "notes", "tags", "it's"] {
        let text = bound(DbBackend::Postgres, name, "1");
        assert_ne!(bound(DbBackend::Postgres, name, 1.0), text, "{name}");
    }
    let calm = OptionEnum::Some(Box::new(Enum {
        type_name: "mood".into(),
        value: "calm".into(),
    }));
    assert_eq!(
        bound(DbBackend::Postgres, "mood", Value::Enum(calm)),
        r#"$1::"mood""#
    );
}

#[test]
fn postgres_is_asked_for_the_type_when_a_text_ends_with_blanks() {
    assert_eq!(bound(DbBackend::Postgres, "name", " a"), "$1");
    assert_eq!(
        bound(DbBackend::Postgres, "name", "a "),
        r#"CASE WHEN pg_typeof((NULL::"a""b"."tea")."name") = CAST('bpchar' AS regtype) THEN rtrim($1, ' ') ELSE $2 END"#
    );
}

#[test]
fn mysql_compares_decimals_as_decimals() {
    let bound = |value: &str| bound(DbBackend::MySql, "price", value);
    assert_eq!(bound("-12.50"), "CAST(? AS DECIMAL(65, 2))");
    assert_eq!(bound("7"), "CAST(? AS DECIMAL(65, 0))");
    // It would take these for 0.
    for text in ["", "-", "seven", "1e3", "1.2.3", "0x1"] {
        assert_eq!(bound(text), "?", "{text}");
    }
}

#[test]
fn a_list_of_keys_has_the_casts_of_its_columns() {
    let names = ["id".to_owned(), "price".to_owned()];
    let keys: [Vec<Value>; 2] = [
        vec![1_i64.into(), "1.50".into()],
        vec![2_i64.into(), "2.50".into()],
    ];
    let left = || columns(&tea(), &names);
    let list = |backend| is_one_of(left(), &tea(), &names, &keys, backend);
    assert_eq!(
        sql(DbBackend::Postgres, list(DbBackend::Postgres)),
        r#"("tea"."id", "tea"."price") IN (($1, CAST(CAST($2 AS text) AS numeric)), ($3, CAST(CAST($4 AS text) AS numeric)))"#
    );
    assert_eq!(
        sql(DbBackend::Sqlite, list(DbBackend::Sqlite)),
        r#"("tea"."id", "tea"."price") IN ((?, ?), (?, ?))"#
    );
    let none = is_one_of(left(), &tea(), &names, &[], DbBackend::Sqlite);
    assert_eq!(sql(DbBackend::Sqlite, none), "1 = 0");
}
