//! Who may do what. All of it is here.
//!
//! A row of another workspace does not exist for a caller: [`Caller::sees`] is asked first, and what it hides is 404 and never
//! 403. What a caller sees but may not do is 403.

use crate::{auth::Caller, entity::member::Role, kind::Kind};

/// What someone may want to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Read,
    /// Lists with deleted rows in them.
    IncludeDeleted,
    /// The trash, and that something was deleted and is not just absent.
    SeeTrash,
    Create,
    Edit,
    Delete,
    Restore,
    /// Deletes what has the unique values of a thing that is restored.
    Replace,
    /// Removes for good what is in the trash.
    ForceDelete,
    /// Gives a member a token, and takes the old one away.
    IssueToken,
}

impl Caller {
    /// Whether rows of this workspace, or of none, exist for the caller.
    pub fn sees(&self, workspace: Option<i64>) -> bool {
        match self.role {
            Role::Support => true,
            Role::Member | Role::Admin => workspace.is_some() && workspace == self.workspace,
        }
    }

    /// Whether the caller may do that with a thing of this kind that they see. `own`: they made it, or, if it is to be restored,
    /// deleted it.
    pub fn may(&self, action: Action, kind: Kind, own: bool) -> bool {
        use Action::*;
        match self.role {
            Role::Member => match action {
                Read => true,
                Create => matches!(kind, Kind::Project | Kind::Task | Kind::Comment),
                Edit => {
                    matches!(kind, Kind::Project | Kind::Task) || (kind == Kind::Comment && own)
                }
                Delete => matches!(kind, Kind::Task | Kind::Comment) && own,
                Restore => own,
                IncludeDeleted | SeeTrash | Replace | ForceDelete | IssueToken => false,
            },
            Role::Admin => match action {
                Read | IncludeDeleted | SeeTrash | Edit | Restore | ForceDelete => true,
                Create | Delete => kind != Kind::Workspace,
                // The slug of a workspace and the address of a member may be another workspace's by now.
                Replace => !matches!(kind, Kind::Workspace | Kind::Member),
                IssueToken => kind == Kind::Member,
            },
            Role::Support => match action {
                Read | SeeTrash | Restore => true,
                Create | IssueToken => matches!(kind, Kind::Workspace | Kind::Member),
                Edit | Delete => kind == Kind::Workspace,
                IncludeDeleted | Replace | ForceDelete => false,
            },
        }
    }

    /// Whether the caller may make someone a member of this role, or change what someone with it is.
    pub fn may_grant(&self, role: Role) -> bool {
        match self.role {
            Role::Member => false,
            Role::Admin => role != Role::Support,
            Role::Support => true,
        }
    }
}
