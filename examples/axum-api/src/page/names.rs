//! What rows are called, active or deleted, as far as they exist for who asks.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait as _, ModelTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Value,
};

use crate::{
    auth::Caller,
    db::Db,
    entity::{comment, member, project, task, workspace},
    kind::Kind,
    problem::Problem,
    resource::{Resource, visible_to},
    view::StampView,
};

/// The names of some rows.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<(Kind, i64), Named>);

#[derive(Debug)]
pub struct Named {
    pub title: String,
    /// None for an active row.
    pub stamp: Option<StampView>,
}

impl Names {
    pub async fn of(
        rows: impl IntoIterator<Item = (Kind, i64)>,
        caller: &Caller,
        db: &Db,
    ) -> Result<Self, Problem> {
        let mut wanted: BTreeMap<Kind, BTreeSet<i64>> = BTreeMap::new();
        for (kind, id) in rows {
            wanted.entry(kind).or_default().insert(id);
        }
        let mut names = Self::default();
        for (kind, ids) in wanted {
            match kind {
                Kind::Workspace => names.add::<workspace::Entity>(ids, caller, db).await,
                Kind::Project => names.add::<project::Entity>(ids, caller, db).await,
                Kind::Task => names.add::<task::Entity>(ids, caller, db).await,
                Kind::Comment => names.add::<comment::Entity>(ids, caller, db).await,
                Kind::Member => names.add::<member::Entity>(ids, caller, db).await,
            }?;
        }
        Ok(names)
    }

    async fn add<R: Resource>(
        &mut self,
        ids: BTreeSet<i64>,
        caller: &Caller,
        db: &Db,
    ) -> Result<(), Problem> {
        let select = R::with_deleted().filter(R::columns().id.is_in(ids));
        for row in visible_to(caller, select).all(db).await? {
            let title = match row.get(R::columns().title) {
                Value::String(Some(title)) => title.to_string(),
                _ => String::new(),
            };
            let state = R::state(&row);
            let named = Named {
                title,
                stamp: state.stamp,
            };
            self.0.insert((R::KIND, state.id), named);
        }
        Ok(())
    }

    pub fn get(&self, kind: Kind, id: i64) -> Option<&Named> {
        self.0.get(&(kind, id))
    }

    pub fn title(&self, kind: Kind, id: i64) -> Option<&str> {
        self.get(kind, id).map(|named| named.title.as_str())
    }

    /// `by` and who deleted something, if that is known. The support belongs to no workspace, so that others don't see its
    /// members.
    pub fn by(&self, actor: Option<i64>) -> String {
        let name = |id| self.title(Kind::Member, id).unwrap_or("someone else");
        actor
            .map(|id| format!(" by {}", name(id)))
            .unwrap_or_default()
    }
}

/// Those who may have deleted something, by name.
pub async fn members(caller: &Caller, db: &Db) -> Result<Vec<member::Model>, Problem> {
    const MOST: u64 = 500;
    let members = visible_to(caller, member::Entity::with_deleted());
    Ok(members
        .order_by_asc(member::Column::Name)
        .limit(MOST)
        .all(db)
        .await?)
}
