//! INSERT, UPDATE and DELETE: what they may do to rows out of scope.

use sqlparser::{
    ast::{
        Delete, FromTable, Ident, Insert, Merge, ObjectName, OnConflictAction, OnInsert,
        SqliteOnConflict, Statement, TableFactor, TableObject, Truncate, Update,
        UpdateTableFromKind,
    },
    keywords::Keyword,
    tokenizer::Location,
};

use super::{
    Dialect,
    block::{Block, List},
    layout::{self, Clauses},
    names,
    predicate::Predicate,
    refused::Reason,
    spaces::Space,
    walk::Walk,
};

/// Scopes the statement's own tables. Its sub-selects were scoped before.
pub(crate) fn scope(walk: &mut Walk<'_>, statement: &mut Statement) -> Result<(), Reason> {
    match statement {
        Statement::Query(_) | Statement::Explain { .. } | Statement::Set(_) => Ok(()),
        Statement::ExplainTable { table_name, .. } => walk.account(table_name).map(drop),
        Statement::CreateTable(create) => walk.account(&create.name).map(drop),
        Statement::Insert(insert) => scope_insert(walk, insert),
        Statement::Update(update) => scope_update(walk, update),
        Statement::Delete(delete) => scope_delete(walk, delete),
        Statement::Merge(merge) => check_merge(walk, merge),
        Statement::Truncate(truncate) => check_truncate(walk, truncate),
        _ => Err(Reason::Unreliable("this kind of statement")),
    }
}

/// An INSERT sees no row, but its DO UPDATE does, and REPLACE removes the row in its way.
fn scope_insert(walk: &mut Walk<'_>, insert: &mut Insert) -> Result<(), Reason> {
    let TableObject::TableName(name) = &insert.table else {
        return Ok(());
    };
    let Some(table) = walk.resolve_target(name)? else {
        return Ok(());
    };
    let removes = |statement| {
        Err(Reason::Removes {
            table: table.name.clone(),
            statement,
        })
    };
    if insert.replace_into {
        return removes("REPLACE");
    }
    if insert.or == Some(SqliteOnConflict::Replace) {
        return removes("INSERT OR REPLACE");
    }
    if insert.multi_table_insert_type.is_some() {
        return Err(Reason::Unreliable("an INSERT into several tables"));
    }
    let head = head(walk, insert.insert_token.0.span.start)?;
    let alias = match (walk.source.dialect, names::path(name).first()) {
        (Dialect::Sqlite, Some(first)) => {
            let alias = walk.source.insert_alias(walk.source.token_of(first)?);
            alias.map(|alias| walk.source.ident(alias)).transpose()?
        }
        _ => insert.table_alias.as_ref().map(|alias| alias.alias.clone()),
    };
    let alias = alias.as_ref();
    let mut block = Block::new(walk);
    block.add(table, name, alias)?;
    let Some(OnInsert::OnConflict(conflict)) = &mut insert.on else {
        return Ok(());
    };
    let OnConflictAction::DoUpdate(update) = &mut conflict.action else {
        return Ok(());
    };
    if let Some(one) = block.occurrences.first() {
        let space = Space::of_one(block.dialect(), one, alias.is_some());
        block.note(&space, &update.selection);
    }
    let predicates: Vec<_> = block
        .occurrences
        .iter()
        .filter(|one| !one.constrained)
        .filter_map(|one| {
            let qualifier: Vec<&Ident> = one.qualifier.iter().collect();
            Predicate::new(
                walk.source.dialect,
                walk.rows,
                table,
                &qualifier,
                &one.written,
            )
        })
        .collect();
    let source = walk.source;
    let mut at = head;
    let mut others = source.conflict;
    loop {
        if layout::ends(source, at) {
            return Err(Reason::NotFound("the DO UPDATE"));
        }
        if source.keyword(at) == Keyword::DO && source.keyword(at + 1) == Keyword::UPDATE {
            match others.checked_sub(1) {
                Some(left) => others = left,
                None => break,
            }
        }
        at = source.next(at);
    }
    let clauses = Clauses::after(source, at + 1);
    layout::filter(
        source,
        &clauses,
        &mut update.selection,
        &predicates,
        &mut walk.edits,
    )
}

fn scope_update(walk: &mut Walk<'_>, update: &mut Update) -> Result<(), Reason> {
    let source = walk.source;
    let head = head(walk, update.update_token.0.span.start)?;
    let clauses = Clauses::after(source, head);
    // Words like LOW_PRIORITY may stand before the target.
    let start = match &update.table.relation {
        TableFactor::Table { name, .. } => names::path(name)
            .first()
            .map(|first| source.token_of(first))
            .ok_or(Reason::NotFound("a table"))??,
        _ => head + 1,
    };
    let mut block = Block::new(walk);
    block.read_target(&update.table.relation)?;
    block.read_joined(&update.table)?;
    if let (Some(one), Some(SqliteOnConflict::Replace)) = (block.occurrences.first(), update.or) {
        return Err(Reason::Removes {
            table: one.table.name.clone(),
            statement: "UPDATE OR REPLACE",
        });
    }
    let from = match &mut update.from {
        Some(UpdateTableFromKind::AfterSet(from)) => from.as_mut_slice(),
        Some(UpdateTableFromKind::BeforeSet(_)) => {
            return Err(Reason::Unreliable("an UPDATE with FROM before SET"));
        }
        None => &mut [],
    };
    block.read(from)?;
    if block.occurrences.is_empty() {
        return Ok(());
    }
    let space = block.space(&[std::slice::from_ref(&update.table), from])?;
    block.note(&space, &update.selection);
    let set = clauses.set.ok_or(Reason::NotFound("a SET"))?;
    let mut lists = vec![List {
        items: std::slice::from_mut(&mut update.table),
        tokens: start..set,
        derives: false,
    }];
    if !from.is_empty() {
        let keyword = clauses.from.ok_or(Reason::NotFound("a FROM"))?;
        lists.push(List {
            items: from,
            tokens: keyword + 1..clauses.list_end(),
            derives: true,
        });
    }
    block.scope(lists, &mut update.selection, &clauses)
}

/// A DELETE is refused, unless its WHERE says of each target that rows are to be removed.
fn scope_delete(walk: &mut Walk<'_>, delete: &mut Delete) -> Result<(), Reason> {
    let source = walk.source;
    let head = head(walk, delete.delete_token.0.span.start)?;
    let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &mut delete.from;
    let using = delete.using.as_deref_mut().unwrap_or_default();
    // MySQL names the targets first, and then says what they are: `DELETE p FROM post AS p`, `DELETE FROM p USING post AS p`.
    let named: Vec<ObjectName> = if !delete.tables.is_empty() {
        delete.tables.clone()
    } else if source.dialect == Dialect::MySql && !using.is_empty() {
        from.iter()
            .filter_map(|item| factor_name(&item.relation))
            .cloned()
            .collect()
    } else {
        Vec::new()
    };
    let targets_in_using = !named.is_empty() && delete.tables.is_empty();
    let mut block = Block::new(walk);
    let mut targets = Vec::new();
    let space = if named.is_empty() {
        for item in from.iter() {
            block.read_target(&item.relation)?;
        }
        targets.extend(0..block.occurrences.len());
        for item in from.iter() {
            block.read_joined(item)?;
        }
        block.read(using)?;
        block.space(&[from, using])?
    } else {
        let list = if targets_in_using { &*using } else { &*from };
        block.read(list)?;
        let space = block.space(&[list])?;
        for name in &named {
            targets.extend(block.find_target(&space, name)?);
        }
        space
    };
    let kept = targets.iter().find(|target| {
        let condition = delete.selection.as_ref();
        !condition.is_some_and(|condition| block.says_removal(&space, condition, **target))
    });
    if let Some(one) = kept.and_then(|target| block.occurrences.get(*target)) {
        return Err(Reason::Delete {
            table: one.table.name.clone(),
        });
    }
    block.note(&space, &delete.selection);
    let clauses = Clauses::after(source, head);
    let start = clauses.from.ok_or(Reason::NotFound("a FROM"))? + 1;
    let mut lists = Vec::new();
    if !targets_in_using {
        lists.push(List {
            items: from,
            tokens: start..clauses.using.unwrap_or(clauses.list_end()),
            derives: false,
        });
    }
    if !using.is_empty() {
        let keyword = clauses.using.ok_or(Reason::NotFound("a USING"))?;
        lists.push(List {
            items: using,
            tokens: keyword + 1..clauses.list_end(),
            derives: !targets_in_using,
        });
    }
    block.scope(lists, &mut delete.selection, &clauses)
}

fn check_merge(walk: &Walk<'_>, merge: &Merge) -> Result<(), Reason> {
    for factor in [&merge.table, &merge.source] {
        if let Some(name) = factor_name(factor)
            && let Some(table) = walk.resolve(name)?
        {
            return Err(Reason::Removes {
                table: table.name.clone(),
                statement: "MERGE",
            });
        }
    }
    Ok(())
}

fn check_truncate(walk: &Walk<'_>, truncate: &Truncate) -> Result<(), Reason> {
    for target in &truncate.table_names {
        if let Some(table) = walk.resolve_target(&target.name)? {
            return Err(Reason::Removes {
                table: table.name.clone(),
                statement: "TRUNCATE",
            });
        }
    }
    Ok(())
}

impl Block<'_, '_> {
    /// The soft-deletable tables that a DELETE's target names: by alias, or by the table's own name.
    ///
    /// A target that is none of the tables may be a modifier: `DELETE QUICK FROM post`.
    fn find_target(&mut self, space: &Space, target: &ObjectName) -> Result<Vec<usize>, Reason> {
        let found = space.targets(self.dialect(), &names::path(target));
        match self.occurrences.first() {
            Some(one) if !found.known => Err(Reason::Delete {
                table: one.table.name.clone(),
            }),
            _ => {
                self.account_target(target, found.occurrences.is_empty())?;
                Ok(found.occurrences)
            }
        }
    }
}

fn factor_name(factor: &TableFactor) -> Option<&ObjectName> {
    match factor {
        TableFactor::Table { name, .. } => Some(name),
        _ => None,
    }
}

fn head(walk: &Walk<'_>, at: Location) -> Result<usize, Reason> {
    walk.source
        .token_at(at)
        .ok_or(Reason::NotFound("a statement"))
}
