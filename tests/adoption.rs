//! Soft delete comes to a database that is there already: Sakila, on PostgreSQL and MariaDB, with the entities that
//! `sea-orm-cli` makes of it. The page `docs/guide/src/sakila.md` goes the same way.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod adoption {
    mod adopted;
    mod back;
    mod big_tables;
    // Migrations leave the lifetime of SchemaManager out.
    #[allow(elided_lifetimes_in_paths)]
    mod columns;
    mod edited;
    mod report;
    mod sakila;
    mod seaorm_sync;

    // As they came from generate.sh.
    #[rustfmt::skip]
    #[allow(unreachable_pub, unused_imports)]
    mod entities_mariadb;
    #[rustfmt::skip]
    #[allow(unreachable_pub, unused_imports)]
    mod entities_postgres;
}
