use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

macro_rules! project {
    ($module:ident, $retention:literal) => {
        mod $module {
            use super::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = "project")]
            #[soft_delete(retention = $retention)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i64,
                pub deleted_at: Option<DateTimeUtc>,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

project!(no_unit, "30");
project!(unknown_unit, "30 dayz");
project!(nothing, "0 days");
project!(split_second, "1500ms");
project!(good, "1year 6months");

fn main() {}
