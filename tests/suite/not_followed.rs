//! Children that don't derive `SoftDelete` are left as they are, and that is told.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use sea_orm::{ConnectionTrait, Database, EntityTrait as _, PaginatorTrait as _};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use support::{self, TestDb, TestResult, create_table};

use self::{album::Entity as Album, song::Entity as Song};

mod album {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "album")]
    #[soft_delete(group = "albums")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(has_many)]
        pub songs: HasMany<super::song::Entity>,
        #[sea_orm(has_one)]
        pub cover: HasOne<super::cover::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod song {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "song")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub album_id: i64,
        #[sea_orm(belongs_to, from = "album_id", to = "id", on_delete = "Cascade")]
        pub album: BelongsTo<super::album::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod cover {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cover")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(unique)]
        pub album_id: i64,
        #[sea_orm(belongs_to, from = "album_id", to = "id", on_delete = "Restrict")]
        pub album: BelongsTo<super::album::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn two_albums(db: &impl ConnectionTrait) -> TestResult {
    create_table(db, Album).await?;
    create_table(db, Song).await?;
    create_table(db, cover::Entity).await?;
    for sql in [
        "INSERT INTO album (id) VALUES (1), (2)",
        "INSERT INTO song (id, album_id) VALUES (1, 1), (2, 1), (3, 2)",
        "INSERT INTO cover (id, album_id) VALUES (1, 1)",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

support::on_every_backend! {
    async fn a_plan_names_their_tables_and_a_delete_leaves_them_alone(db: &TestDb) {
        two_albums(db).await?;
        let plan = Album::delete_by_id(1).plan(db).await?;
        assert_eq!(plan.not_followed, ["cover", "song"]);
        assert!(plan.is_allowed());
        let deletion = Album::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("album", 1)]);
        assert_eq!(Song::find().count(db).await?, 3);
        deletion.undo().exec(db).await?;
        assert_eq!(Album::find().count(db).await?, 2);
    }
}

/// Keeps the warnings of the library.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN && metadata.target().starts_with("soft_delete")
    }

    fn event(&self, event: &Event<'_>) {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                let _ = write!(self.0, "{field}={value:?} ");
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().expect("no panic").push(text.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Of this one's children no other test here hears.
mod band {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "band")]
    #[soft_delete(group = "albums")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(has_many)]
        pub gigs: HasMany<super::gig::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod gig {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "gig")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub band_id: i64,
        #[sea_orm(belongs_to, from = "band_id", to = "id", on_delete = "Cascade")]
        pub band: BelongsTo<super::band::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[test]
fn a_warning_names_their_table_once_in_the_life_of_a_program() -> TestResult {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let warnings = Warnings::default();
    let _listening = tracing::subscriber::set_default(warnings.clone());
    runtime.block_on(async {
        for round in 0..2 {
            let db = Database::connect("sqlite::memory:").await?;
            create_table(&db, band::Entity).await?;
            create_table(&db, gig::Entity).await?;
            db.execute_unprepared("INSERT INTO band (id) VALUES (1), (2), (3)")
                .await?;

            // A plan has it in what it returns.
            band::Entity::delete_by_id(1).plan(&db).await?;
            assert_eq!(warnings.0.lock().expect("no panic").len(), round);
            band::Entity::delete_by_id(1).exec(&db).await?;
            band::Entity::delete_by_id(2).exec(&db).await?;
            band::Entity::delete_many().all().exec(&db).await?;
            assert_eq!(warnings.0.lock().expect("no panic").len(), 1);
        }
        TestResult::Ok(())
    })?;
    let warnings = warnings.0.lock().expect("no panic");
    let [warning] = warnings.as_slice() else {
        panic!("{warnings:?}");
    };
    assert!(warning.contains("table=gig "), "{warning}");
    assert!(
        warning.contains("are left as they are: its entity does not derive SoftDelete"),
        "{warning}"
    );
    Ok(())
}
