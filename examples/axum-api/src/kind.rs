//! The kinds of resources, for what deals with all of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of resource.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Workspace,
    Project,
    Task,
    Comment,
    Member,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::Workspace,
        Self::Project,
        Self::Task,
        Self::Comment,
        Self::Member,
    ];

    /// Its name, which is its table's too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Project => "project",
            Self::Task => "task",
            Self::Comment => "comment",
            Self::Member => "member",
        }
    }

    /// Where the resources of this kind are.
    pub fn path(self) -> String {
        format!("/api/v1/{}s", self.name())
    }

    pub fn of_table(table: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == table)
    }
}
