//! What is loaded for rows that were read before, or along with them.

use sea_orm::LoaderTrait as _;

use crate::leaks::{
    account::{account, follow},
    read::{grouped, lines, loaded, reads},
};
use support::{
    domain::{comment, member, project, tag, task, task_tag, workspace},
    folder,
};

reads! { world, db;
    "`posts.load_one(User, &db)`", "`posts.load_one(User::find(), &db)`" => {
        let members = world.tasks.load_one(member::Entity, db).await?;
        let projects = world.tasks.load_one(project::Entity, db).await?;
        lines(members.into_iter().zip(projects).enumerate())
    }
    "`posts.load_one(User::find(), &db)`" => {
        let members = world.tasks.load_one(member::Entity::find(), db).await?;
        lines(members.into_iter().enumerate())
    }
    "`users.load_many(Post, &db)`", "`users.load_many(Post::find(), &db)`" => {
        loaded(world.tasks.load_many(comment::Entity, db).await?)
    }
    "`users.load_many(Post::find(), &db)`" => {
        loaded(world.tasks.load_many(comment::Entity::find(), db).await?)
    }
    "`posts.load_many(Tag, &db)`, many-to-many", "`find_with_active`" => {
        loaded(world.tasks.load_many(tag::Entity, db).await?)
    }
    "`posts.load_many(Tag::find(), &db)`, many-to-many: deleted links", "`find_with_active`" => {
        loaded(world.tasks.load_many(tag::Entity::find(), db).await?)
    }
    "`posts.load_many_to_many(Tag::find(), PostTag, &db)`", "`find_with_active`" => {
        let tags = world.tasks.load_many_to_many(tag::Entity::find(), task_tag::Entity, db);
        loaded(tags.await?)
    }
    "`load_self`, `load_self_many`", "`Folder::find()` in place of `Folder`" => {
        let parents = world.folders.load_self(folder::Entity, folder::Relation::Parent, db).await?;
        let children = world.folders.load_self_many(folder::Entity, folder::Relation::Parent, db).await?;
        [lines(parents.into_iter().enumerate()), loaded(children)].concat()
    }
    "`load_self`, `load_self_many` with `Folder::find()`" => {
        let (select, relation) = (folder::Entity::find, folder::Relation::Parent);
        let parents = world.folders.load_self(select(), relation, db).await?;
        let children = world.folders.load_self_many(select(), relation, db).await?;
        [lines(parents.into_iter().enumerate()), loaded(children)].concat()
    }
    "`load_self_via`, `load_self_via_rev`", "a join with the conditions" => {
        let followers = world.accounts.load_self_via(follow::Entity, db).await?;
        let following = world.accounts.load_self_via_rev(follow::Entity, db).await?;
        [loaded(followers), loaded(following)].concat()
    }
    "`User::load().with(Post)`", "`load_many(Post::find(), &db)`, or leave out what `is_deleted()`" => {
        let tasks = task::Entity::load().with(comment::Entity).all(db).await?;
        let comments = tasks.into_iter().map(|task| (task.title, task.comments.iter().cloned().collect()));
        grouped(comments)
    }
    "`Post::load().with(User)`, which the post belongs to", "`find_also_active`" => {
        lines(task::Entity::load().with(member::Entity).with(project::Entity).all(db).await?)
    }
    "`Post::load().with(Tag)`, many-to-many", "`find_with_active`" => {
        let tasks = task::Entity::load().with(tag::Entity).all(db).await?;
        let tags = tasks.into_iter().map(|task| (task.title, task.tags.iter().cloned().collect()));
        grouped(tags)
    }
    "`User::load().with((Post, Comment))`, nested", "`load_many(Post::find(), &db)`, and so on downwards" => {
        let workspaces = workspace::Entity::load().with((project::Entity, task::Entity)).all(db).await?;
        let projects = workspaces.into_iter().flat_map(|workspace| workspace.projects);
        let tasks = projects.map(|project| (project.name, project.tasks.iter().cloned().collect()));
        let mut found = grouped(tasks);
        let comments = comment::Entity::load().with((task::Entity, project::Entity)).all(db).await?;
        found.extend(lines(comments));
        found
    }
    "`Account::load().with(Follower)`, many-to-many of one table", "a join with the conditions" => {
        let accounts = account::Entity::load()
            .with(follow::Entity)
            .with(follow::EntityReverse)
            .all(db)
            .await?;
        let both = accounts.into_iter().map(|account| {
            let (followers, following) = (account.followers.into_iter(), account.following.into_iter());
            (account.email, followers.chain(following).collect::<Vec<_>>())
        });
        grouped(both)
    }
}
