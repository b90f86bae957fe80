//! How much the doctor reads.

use soft_delete::{Registry, schema::doctor};

use super::{AUTHOR, author, healthy, registry};
use crate::schema::tables::run;
use support::{TestDb, on_every_backend};

on_every_backend! {
    async fn the_catalog_takes_the_same_number_of_statements_for_many_tables(db: &TestDb) {
        healthy(db).await?;
        let few = db.recorder();
        doctor::examine(&registry(), &few).await?;
        let before = few.statements().len();

        let mut many = registry().entities().fold(Registry::builder(), |all, meta| all.meta(meta.clone()));
        for number in 0..50 {
            let name = format!("author_{number}");
            run(db, &[&AUTHOR.replace("author", &name)]).await?;
            let mut meta = <author::Entity as soft_delete::SoftDelete>::meta().clone();
            meta.table.name = name;
            many = many.meta(meta);
        }
        let recorder = db.recorder();
        let report = doctor::examine(&many.build(), &recorder).await?;
        assert!(report.findings().is_empty(), "{report}");
        assert_eq!(recorder.statements().len(), before);
    }
}
