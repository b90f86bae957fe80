//! `stats`.

use serde_json::json;

use super::{
    app::{json, run},
    world::{noon, shop},
};
use crate::shop::voucher;
use support::TestDb;

on_shared_databases! {
    async fn counts_rows(db: &TestDb) {
        shop(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;

        let ran = run(db, &["stats", "--exact", "--group", "shop"]);
        let told = json(db, &["stats", "--exact", "--group", "shop"]);

        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        let mut lines = ran.out.lines();
        let words: Vec<_> = lines.next().unwrap().split_whitespace().take(3).collect();
        assert_eq!(words, ["ACTIVE", "DELETED", "EXPIRED"]);
        let rows: Vec<Vec<_>> = lines.map(|line| line.split_whitespace().take(4).collect()).collect();
        assert_eq!(rows, [["redemption", "1", "0", "-"], ["voucher", "2", "1", "1"]]);
        assert_eq!(told["tables"][1]["active"], json!({"is": "exact", "value": 2}));
    }
}
