//! What a foreign key's `on_delete` means for a soft delete, rule by rule.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::{ConnectionTrait as _, PaginatorTrait as _};
use soft_delete::{Error, OnDelete, SoftDelete as _};

use support::{self, TestDb, TestResult};

mod team {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "club")]
    #[soft_delete(group = "league")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A child of a team, whose relation has these attributes.
macro_rules! child {
    ($name:ident, $table:literal, $($relation:tt)*) => {
        mod $name {
            use sea_orm::entity::prelude::*;
            use soft_delete::SoftDelete;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = $table)]
            #[soft_delete(group = "league")]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: i64,
                pub team_id: Option<i64>,
                pub deleted_at: Option<DateTimeUtc>,
                pub deletion_id: Option<Uuid>,
                $($relation)*
                pub team: BelongsTo<Option<super::team::Entity>>,
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

child!(by_default, "player_by_default", #[sea_orm(belongs_to, from = "team_id", to = "id", on_delete = "SetDefault")]);
child!(by_null, "player_by_null", #[sea_orm(belongs_to, from = "team_id", to = "id", on_delete = "SetNull")]);
child!(no_action, "player_no_action", #[sea_orm(belongs_to, from = "team_id", to = "id", on_delete = "NoAction")]);
child!(no_rule, "player_no_rule", #[sea_orm(belongs_to, from = "team_id", to = "id")]);
child!(no_key, "player_no_key", #[sea_orm(belongs_to, from = "team_id", to = "id", skip_fk)]);
child!(no_key_but_a_rule, "player_no_key_but_a_rule", #[sea_orm(belongs_to, from = "team_id", to = "id", skip_fk, on_delete = "Cascade")]);
child!(no_key_but_ours, "player_no_key_but_ours", #[sea_orm(belongs_to, from = "team_id", to = "id", skip_fk)] #[soft_delete(on_delete = "restrict")]);
child!(ignored, "player_ignored", #[sea_orm(belongs_to, from = "team_id", to = "id", on_delete = "Cascade")] #[soft_delete(on_delete = "ignore")]);

const CHILDREN: [&str; 8] = [
    "player_by_default",
    "player_by_null",
    "player_no_action",
    "player_no_rule",
    "player_no_key",
    "player_no_key_but_a_rule",
    "player_no_key_but_ours",
    "player_ignored",
];

/// Two teams, each with a player in that table alone. There are no foreign keys in the database: MariaDB has no SET DEFAULT.
async fn two_teams(db: &TestDb, players: &str) -> TestResult {
    support::create_table(db, team::Entity).await?;
    let (time, uuid) = match db.backend() {
        sea_orm::DbBackend::Postgres => ("timestamptz", "uuid"),
        sea_orm::DbBackend::MySql => ("timestamp(6) NULL", "binary(16)"),
        _ => ("timestamp_with_timezone_text", "uuid_text"),
    };
    for table in CHILDREN {
        let columns = format!(
            "id bigint PRIMARY KEY, team_id bigint DEFAULT 2, deleted_at {time}, deletion_id {uuid}"
        );
        db.execute_unprepared(&format!("CREATE TABLE {table} ({columns})"))
            .await?;
    }
    db.execute_unprepared("INSERT INTO club (id) VALUES (1), (2)")
        .await?;
    db.execute_unprepared(&format!(
        "INSERT INTO {players} (id, team_id) VALUES (1, 1), (2, 2)"
    ))
    .await?;
    Ok(())
}

support::on_every_backend! {
    async fn set_default_sets_the_key_to_null(db: &TestDb) {
        two_teams(db, "player_by_default").await?;
        let plan = team::Entity::delete_by_id(1).plan(db).await?;
        assert!(plan.is_allowed());
        let deletion = team::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("club", 1)]);
        let players = by_default::Entity::find().order_by_id_asc().all(db).await?;
        let teams: Vec<_> = players.iter().map(|player| player.team_id).collect();
        assert_eq!(teams, [None, Some(2)]);
    }

    async fn set_null_sets_the_key_to_null(db: &TestDb) {
        two_teams(db, "player_by_null").await?;
        team::Entity::delete_by_id(1).exec(db).await?;
        let players = by_null::Entity::find().order_by_id_asc().all(db).await?;
        let teams: Vec<_> = players.iter().map(|player| player.team_id).collect();
        assert_eq!(teams, [None, Some(2)]);
    }

    async fn no_action_and_no_rule_restrict(db: &TestDb) {
        two_teams(db, "player_no_action").await?;
        let refused = team::Entity::delete_by_id(1).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::Restricted { .. })), "{refused:?}");
        db.execute_unprepared("UPDATE player_no_action SET team_id = NULL").await?;
        db.execute_unprepared("INSERT INTO player_no_rule (id, team_id) VALUES (1, 1)").await?;
        let refused = team::Entity::delete_by_id(1).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::Restricted { .. })), "{refused:?}");
        assert_eq!(team::Entity::find().count(db).await?, 2);
    }

    async fn without_a_key_and_a_rule_the_children_are_left_alone(db: &TestDb) {
        two_teams(db, "player_no_key").await?;
        let deletion = team::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("club", 1)]);
        let players = no_key::Entity::find().order_by_id_asc().all(db).await?;
        let teams: Vec<_> = players.iter().map(|player| player.team_id).collect();
        assert_eq!(teams, [Some(1), Some(2)]);
        // They know of no parent, so that they come and go without it.
        no_key::Entity::delete_by_id(1).exec(db).await?;
        no_key::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(no_key::Entity::find().count(db).await?, 2);
    }

    async fn without_a_key_a_rule_of_the_relation_s_own_counts(db: &TestDb) {
        two_teams(db, "player_no_key_but_a_rule").await?;
        let deletion = team::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("club", 1), ("player_no_key_but_a_rule", 1)]);
        db.execute_unprepared("INSERT INTO player_no_key_but_ours (id, team_id) VALUES (1, 2)").await?;
        let refused = team::Entity::delete_by_id(2).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::Restricted { .. })), "{refused:?}");
    }

    async fn an_overridden_rule_is_not_followed(db: &TestDb) {
        two_teams(db, "player_ignored").await?;
        team::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(ignored::Entity::find().count(db).await?, 2);
    }
}

#[test]
fn each_rule_of_a_relation_has_its_meaning() {
    let rules = [
        (by_default::Entity::meta(), OnDelete::SetNull),
        (by_null::Entity::meta(), OnDelete::SetNull),
        (no_action::Entity::meta(), OnDelete::Restrict),
        (no_rule::Entity::meta(), OnDelete::Restrict),
        (no_key::Entity::meta(), OnDelete::Ignore),
        (no_key_but_a_rule::Entity::meta(), OnDelete::Cascade),
        (no_key_but_ours::Entity::meta(), OnDelete::Restrict),
        (ignored::Entity::meta(), OnDelete::Ignore),
    ];
    for (meta, rule) in rules {
        assert_eq!(meta.foreign_keys[0].on_delete, rule, "{}", meta.table);
    }
}
