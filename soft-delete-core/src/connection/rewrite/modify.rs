//! INSERT, UPDATE and DELETE: what they may do to rows out of scope.

use sqlparser::{
    ast::{
        Delete, FromTable, Ident, Insert, Merge, ObjectName, OnConflictAction, OnInsert,
        SqliteOnConflict, Statement, TableFactor, TableObject, TableWithJoins, Truncate, Update,
        UpdateTableFromKind,
    },
    keywords::Keyword,
    tokenizer::Location,
};

use super::{
    Dialect,
    block::{self, Block, List},
    layout::{self, Clauses},
    names::{self, Name},
    predicate::Predicate,
    refused::Reason,
    walk::Walk,
};

/// Scopes the statement's own tables. Its sub-selects were scoped before.
pub(crate) fn scope(walk: &mut Walk<'_>, statement: &mut Statement) -> Result<(), Reason> {
    match statement {
        Statement::Query(_) | Statement::Explain { .. } => Ok(()),
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
    let mut block = Block::new(walk);
    block.add(
        table,
        name,
        insert.table_alias.as_ref().map(|alias| &alias.alias),
    )?;
    let Some(OnInsert::OnConflict(conflict)) = &mut insert.on else {
        return Ok(());
    };
    let OnConflictAction::DoUpdate(update) = &mut conflict.action else {
        return Ok(());
    };
    block.read_mentions(&update.selection);
    let predicates: Vec<_> = block
        .occurrences
        .iter()
        .filter(|one| !one.mentioned)
        .filter_map(|one| {
            let qualifier: Vec<&Ident> = one.qualifier.iter().collect();
            Predicate::new(
                walk.source.dialect,
                walk.scope,
                table,
                &qualifier,
                &one.written,
            )
        })
        .collect();
    let source = walk.source;
    let mut at = head;
    while !(source.keyword(at) == Keyword::DO && source.keyword(at + 1) == Keyword::UPDATE) {
        if layout::ends(source, at) {
            return Err(Reason::NotFound("the DO UPDATE"));
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
            .map(|first| source.lexeme_of(first))
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
    let mut conditions = Vec::new();
    block::conditions(std::slice::from_ref(&update.table), &mut conditions);
    block::conditions(from, &mut conditions);
    conditions.extend(&update.selection);
    block.read_mentions(conditions);
    let set = clauses.set.ok_or(Reason::NotFound("a SET"))?;
    let mut lists = vec![List {
        items: std::slice::from_mut(&mut update.table),
        lexemes: start..set,
        derives: false,
    }];
    if !from.is_empty() {
        let keyword = clauses.from.ok_or(Reason::NotFound("a FROM"))?;
        lists.push(List {
            items: from,
            lexemes: keyword + 1..clauses.list_end(),
            derives: true,
        });
    }
    block.scope(lists, &mut update.selection, &clauses)
}

/// A DELETE is refused, unless its WHERE says itself which rows it means: active or deleted.
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
    if named.is_empty() {
        for item in from.iter() {
            block.read_target(&item.relation)?;
        }
        targets.extend(0..block.occurrences.len());
        for item in from.iter() {
            block.read_joined(item)?;
        }
        block.read(using)?;
    } else {
        block.read(if targets_in_using { using } else { from })?;
        let list = if targets_in_using { &*using } else { &*from };
        for name in &named {
            check_named(&block, name, list)?;
            let found = block.find_target(name)?;
            targets.extend(found);
        }
    }
    block.read_mentions(&delete.selection);
    let unconstrained = targets
        .iter()
        .filter_map(|target| block.occurrences.get(*target))
        .find(|one| !one.mentioned);
    if let Some(one) = unconstrained {
        return Err(Reason::Delete {
            table: one.table.name.clone(),
        });
    }
    let mut conditions = Vec::new();
    block::conditions(from, &mut conditions);
    block::conditions(using, &mut conditions);
    block.read_mentions(conditions);
    let clauses = Clauses::after(source, head);
    let start = clauses.from.ok_or(Reason::NotFound("a FROM"))? + 1;
    let mut lists = Vec::new();
    if !targets_in_using {
        lists.push(List {
            items: from,
            lexemes: start..clauses.using.unwrap_or(clauses.list_end()),
            derives: false,
        });
    }
    if !using.is_empty() {
        let keyword = clauses.using.ok_or(Reason::NotFound("a USING"))?;
        lists.push(List {
            items: using,
            lexemes: keyword + 1..clauses.list_end(),
            derives: !targets_in_using,
        });
    }
    block.scope(lists, &mut delete.selection, &clauses)
}

/// What a DELETE names as its target must be one of its tables. If not, it may be a modifier: `DELETE QUICK FROM post`.
fn check_named(
    block: &Block<'_, '_>,
    target: &ObjectName,
    list: &[TableWithJoins],
) -> Result<(), Reason> {
    let wanted = names::path(target)
        .last()
        .map(|name| Name::of(block.dialect(), name));
    let mut labels = Vec::new();
    block::labels(list, &mut labels);
    let found = labels
        .iter()
        .any(|label| Some(Name::of(block.dialect(), label)) == wanted);
    match block.occurrences.first() {
        Some(one) if !found => Err(Reason::Delete {
            table: one.table.name.clone(),
        }),
        _ => Ok(()),
    }
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
    /// The occurrences that a DELETE's target names: by alias, or by the table's own name.
    fn find_target(&mut self, target: &ObjectName) -> Result<Vec<usize>, Reason> {
        let dialect = self.dialect();
        let wanted = names::path(target)
            .last()
            .map(|name| Name::of(dialect, name));
        let found: Vec<usize> = self
            .occurrences
            .iter()
            .enumerate()
            .filter(|(_, one)| one.qualifier.last().map(|own| Name::of(dialect, own)) == wanted)
            .map(|(index, _)| index)
            .collect();
        self.account_target(target, found.is_empty())?;
        Ok(found)
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
        .lexeme_at(at)
        .ok_or(Reason::NotFound("a statement"))
}
