//! The program's hooks run in what the command line does, since they are linked in.

use sea_orm::{ConnectionTrait as _, PaginatorTrait as _};

use super::app::run;
use support::{
    TestDb, TestResult,
    shelf::{self, book, log, shelf as shelves},
};

/// A shelf with two books.
pub async fn a_shelf(db: &TestDb) -> TestResult {
    shelf::create(db).await?;
    for sql in [
        "INSERT INTO shelf (id) VALUES (1)",
        "INSERT INTO book (id, shelf_id, title) VALUES (1, 1, 'a'), (2, 1, 'b')",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// A deleted shelf with two books.
async fn a_deleted_shelf(db: &TestDb) -> TestResult<soft_delete::Deletion> {
    a_shelf(db).await?;
    let deletion = shelves::Entity::delete_by_id(1).exec(db).await?;
    log::clear(db).await?;
    Ok(deletion)
}

const OF_A_RESTORE: [&str; 4] = [
    "before_restore shelf 1 []",
    "before_restore book 2 [1, 2]",
    "after_restore shelf 1 []",
    "after_restore book 2 [1, 2]",
];

on_shared_databases! {
    async fn they_run_in_a_restore(db: &TestDb) {
        a_deleted_shelf(db).await?;
        let ran = run(db, &["trash", "restore", "shelf", "1", "--group", "shelves"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_eq!(log::lines(db).await?, OF_A_RESTORE);
    }

    async fn they_run_in_an_undo(db: &TestDb) {
        let id = a_deleted_shelf(db).await?.id().to_string();
        let ran = run(db, &["deletion", "undo", &id, "--group", "shelves"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_eq!(log::lines(db).await?, OF_A_RESTORE);
    }

    async fn they_do_not_run_in_a_dry_run(db: &TestDb) {
        a_deleted_shelf(db).await?;
        let ran = run(db, &["trash", "restore", "shelf", "1", "--dry-run", "--group", "shelves"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_eq!(log::lines(db).await?, [""; 0]);
    }

    async fn one_that_fails_refuses_the_restore(db: &TestDb) {
        a_deleted_shelf(db).await?;
        db.execute_unprepared("UPDATE book SET title = 'cursed' WHERE id = 2").await?;
        let ran = run(db, &["trash", "restore", "shelf", "1", "--group", "shelves"]);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""));
        assert!(ran.err.contains("a hook of `book` failed, nothing was changed: this book stays"), "{}", ran.err);
        assert_eq!(book::Entity::find().count(db).await?, 0);
        assert_eq!(log::lines(db).await?, [""; 0]);
    }
}
