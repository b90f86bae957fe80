pub use super::_entities::notebooks::{ActiveModel, Column, Entity, Model};
use chrono::Utc;
use sea_orm::{Set, entity::prelude::*};

pub type Notebooks = Entity;

#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C>(mut self, _db: &C, insert: bool) -> Result<Self, DbErr>
    where
        C: ConnectionTrait,
    {
        if !insert && self.updated_at.is_unchanged() {
            self.updated_at = Set(Utc::now().into());
        }
        Ok(self)
    }
}
