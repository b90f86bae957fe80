//! Which table of a block a column belongs to, as the server tells it.

use std::{collections::BTreeMap, ops::Range};

use sqlparser::{
    ast::{
        Expr, Ident, JoinConstraint, JoinOperator, ObjectNamePart, TableAlias, TableFactor,
        TableWithJoins,
    },
    tokenizer::Location,
};

use super::{
    Dialect,
    block::Occurrence,
    column_references::ColumnReferences,
    joins::{self, Nullable},
    names::{self, Name},
};

/// The relations that a condition sees, each by what its columns may be qualified with.
///
/// A condition of the block sees all of them. That of an ON sees those that its join joins; to SQLite it is part of the WHERE.
/// Joined tables with an alias are a name space of their own, of which the block sees the alias alone; SQLite lets it see both.
#[derive(Debug, Default)]
pub(crate) struct Space {
    relations: Vec<Relation>,
    /// A table in a name space within that shares its name with another there.
    shared: Option<usize>,
}

#[derive(Debug)]
struct Relation {
    label: Label,
    /// The soft-deletable table that it is, by its place among the block's.
    occurrence: Option<usize>,
    /// The columns that outer joins have merged with those of other tables: without a qualifier they are nobody's.
    merged: Merged,
}

#[derive(Debug)]
enum Label {
    /// It hides the table's own name.
    Alias(Name),
    /// The table's own path, from which parts may be left out on the left.
    Path(Vec<Name>),
    Nothing,
}

#[derive(Clone, Debug, Default)]
enum Merged {
    #[default]
    None,
    These(Vec<Name>),
    All,
}

impl Label {
    fn names(&self) -> &[Name] {
        match self {
            Self::Alias(alias) => std::slice::from_ref(alias),
            Self::Path(path) => path,
            Self::Nothing => &[],
        }
    }

    fn is(&self, qualifiers: &[Name]) -> bool {
        match self {
            Self::Alias(alias) => matches!(qualifiers, [only] if only == alias),
            Self::Path(path) => path.ends_with(qualifiers),
            Self::Nothing => false,
        }
    }
}

impl Relation {
    fn merges(&self, column: &Name) -> bool {
        match &self.merged {
            Merged::None => false,
            Merged::These(columns) => columns.contains(column),
            Merged::All => true,
        }
    }
}

impl Space {
    /// A single table, as in the condition of an upsert.
    pub(crate) fn of_one(dialect: Dialect, one: &Occurrence<'_>, has_alias: bool) -> Self {
        let mut path = one
            .qualifier
            .iter()
            .map(|part| Name::of_label(dialect, part));
        let label = match (has_alias, path.next_back()) {
            (true, Some(alias)) => Label::Alias(alias),
            (_, last) => Label::Path(path.chain(last).collect()),
        };
        Self {
            relations: vec![Relation {
                label,
                occurrence: Some(0),
                merged: Merged::None,
            }],
            shared: None,
        }
    }

    /// The table that a column is of, if it is the `deleted_at` of one of them for certain.
    pub(crate) fn owner(
        &self,
        dialect: Dialect,
        occurrences: &[Occurrence<'_>],
        qualifiers: &[Ident],
        column: &Ident,
    ) -> Option<usize> {
        owner(dialect, &self.relations, occurrences, qualifiers, column)
    }

    /// A soft-deletable table beside another that is called the same. Servers refuse that, or call its columns ambiguous.
    pub(crate) fn shared_label(&self) -> Option<usize> {
        let mut by_name: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
        for (index, one) in self.relations.iter().enumerate() {
            if let Some(name) = one.label.names().last() {
                by_name.entry(name).or_default().push(index);
            }
        }
        let shared = by_name.into_values().filter(|called| called.len() > 1);
        let mut shared = shared.flat_map(|called| self.shared_among(&called));
        self.shared.or_else(|| shared.next())
    }

    fn shared_among(&self, called: &[usize]) -> Option<usize> {
        let relation = |index: &usize| self.relations.get(*index);
        called.iter().find_map(|index| {
            let one = relation(index)?;
            let others = called.iter().filter(|other| *other != index);
            let is_shared = others
                .filter_map(relation)
                .any(|other| other.label.is(one.label.names()));
            one.occurrence.filter(|_| is_shared)
        })
    }

    /// The tables that are meant, or may be, where a DELETE of MySQL names its targets.
    ///
    /// Where aliases of two cases can stand side by side, they are told apart by it; else case does not count.
    pub(crate) fn targets(&self, dialect: Dialect, path: &[&Ident]) -> Targets {
        let exactly: Vec<_> = path
            .iter()
            .map(|part| Name::of_label(dialect, part))
            .collect();
        let called = |is: &dyn Fn(&Label) -> bool| -> Vec<_> {
            self.relations.iter().filter(|one| is(&one.label)).collect()
        };
        let last = path.last().map(|last| last.value.to_lowercase());
        let mut found = called(&|label| label.is(&exactly));
        if found.is_empty() {
            found = called(&|label| match label {
                Label::Alias(name) => Some(name.loosely()) == last,
                Label::Path(path) => path.last().map(Name::loosely) == last,
                Label::Nothing => false,
            });
        }
        Targets {
            known: !found.is_empty(),
            occurrences: found.iter().filter_map(|one| one.occurrence).collect(),
        }
    }
}

pub(crate) struct Targets {
    /// Whether any relation is called so.
    pub(crate) known: bool,
    pub(crate) occurrences: Vec<usize>,
}

fn owner(
    dialect: Dialect,
    relations: &[Relation],
    occurrences: &[Occurrence<'_>],
    qualifiers: &[Ident],
    column: &Ident,
) -> Option<usize> {
    let column = Name::of_column(dialect, column);
    let is_marker = |index: usize| {
        occurrences.get(index).is_some_and(|one| {
            !one.renamed && column == Name::of_own_column(dialect, &one.table.deleted_at)
        })
    };
    let mut candidates: Box<dyn Iterator<Item = Option<usize>>> = if qualifiers.is_empty() {
        // Whatever else has such a column, the server would call it ambiguous.
        let having = relations
            .iter()
            .filter(|one| !one.merges(&column) && one.occurrence.is_some_and(is_marker));
        Box::new(having.map(|one| one.occurrence))
    } else {
        let wanted: Vec<_> = qualifiers
            .iter()
            .map(|part| Name::of_label(dialect, part))
            .collect();
        let called = relations.iter().filter(move |one| one.label.is(&wanted));
        Box::new(called.map(|one| one.occurrence))
    };
    match (candidates.next(), candidates.next()) {
        (Some(Some(one)), None) if is_marker(one) => Some(one),
        _ => None,
    }
}

/// Reads lists of tables: what they make visible, and which `deleted_at` their ONs name.
pub(crate) struct Reader<'b, 't> {
    dialect: Dialect,
    occurrences: &'b mut [Occurrence<'t>],
    /// The conditions of ON, each with the relations that it sees.
    on: Vec<(&'b Expr, Range<usize>)>,
    space: Space,
}

impl<'b, 't> Reader<'b, 't> {
    /// Notes what the ONs name, and gives what the block's own conditions see.
    pub(crate) fn read(
        dialect: Dialect,
        occurrences: &'b mut [Occurrence<'t>],
        lists: &[&'b [TableWithJoins]],
    ) -> Space {
        let mut reader = Self {
            dialect,
            occurrences,
            on: Vec::new(),
            space: Space::default(),
        };
        for item in lists.iter().copied().flatten() {
            reader.read_chain(item);
        }
        reader.finish()
    }

    fn finish(self) -> Space {
        let Self {
            dialect,
            occurrences,
            on,
            space,
        } = self;
        for (condition, range) in on {
            let relations = match dialect {
                Dialect::Sqlite => Some(space.relations.as_slice()),
                Dialect::Postgres | Dialect::MySql => space.relations.get(range),
            };
            note(
                dialect,
                relations.unwrap_or_default(),
                occurrences,
                condition,
            );
        }
        space
    }

    fn read_chain(&mut self, item: &'b TableWithJoins) {
        let start = self.space.relations.len();
        self.read_factor(&item.relation);
        for join in &item.joins {
            self.read_factor(&join.relation);
            let end = self.space.relations.len();
            if let Some(condition) = joins::condition(&join.join_operator) {
                self.on.push((condition, start..end));
            }
            let merged = merged(self.dialect, &join.join_operator);
            if !matches!(merged, Merged::None) {
                let relations = self.space.relations.get_mut(start..end);
                for relation in relations.unwrap_or_default() {
                    relation.merged = merged.clone();
                }
            }
        }
    }

    fn read_factor(&mut self, factor: &'b TableFactor) {
        match factor {
            TableFactor::NestedJoin {
                table_with_joins,
                alias: None,
            } => self.read_chain(table_with_joins),
            TableFactor::NestedJoin {
                table_with_joins,
                alias: Some(alias),
            } => {
                match self.dialect {
                    // There the names inside can still be seen.
                    Dialect::Sqlite => self.read_chain(table_with_joins),
                    Dialect::Postgres | Dialect::MySql => {
                        let inside = std::slice::from_ref(&**table_with_joins);
                        let inside = Reader::read(self.dialect, self.occurrences, &[inside]);
                        self.space.shared = self.space.shared.or_else(|| inside.shared_label());
                    }
                }
                self.push(
                    Label::Alias(Name::of_label(self.dialect, &alias.name)),
                    None,
                );
            }
            TableFactor::Table { name, alias, .. } => {
                let path = names::path(name);
                let place = path.last().map(|last| last.span.start);
                let label = match alias {
                    Some(alias) => Label::Alias(Name::of_label(self.dialect, &alias.name)),
                    None => Label::Path(
                        path.iter()
                            .map(|part| Name::of_label(self.dialect, part))
                            .collect(),
                    ),
                };
                let occurrence = place.and_then(|place| self.occurrence_at(place));
                self.push(label, occurrence);
            }
            other => {
                let label = alias_of(other).map(|alias| Name::of_label(self.dialect, &alias.name));
                self.push(label.map_or(Label::Nothing, Label::Alias), None);
            }
        }
    }

    fn occurrence_at(&self, place: Location) -> Option<usize> {
        self.occurrences.iter().position(|one| one.place == place)
    }

    fn push(&mut self, label: Label, occurrence: Option<usize>) {
        self.space.relations.push(Relation {
            label,
            occurrence,
            merged: Merged::None,
        });
    }
}

/// Notes the tables whose `deleted_at` the condition names.
fn note(
    dialect: Dialect,
    relations: &[Relation],
    occurrences: &mut [Occurrence<'_>],
    condition: &Expr,
) {
    let mut references = ColumnReferences::of(dialect);
    references.read(condition);
    for (qualifiers, column) in references.columns() {
        if let Some(owner) = owner(dialect, relations, occurrences, qualifiers, column)
            && let Some(one) = occurrences.get_mut(owner)
        {
            one.constrained = true;
        }
    }
}

impl Space {
    /// Notes the tables whose `deleted_at` the condition names.
    pub(crate) fn note(
        &self,
        dialect: Dialect,
        occurrences: &mut [Occurrence<'_>],
        condition: &Expr,
    ) {
        note(dialect, &self.relations, occurrences, condition);
    }
}

/// What an outer join merges. An inner one merges equal values.
fn merged(dialect: Dialect, operator: &JoinOperator) -> Merged {
    if joins::nullable(operator) == Some(Nullable::Neither) {
        return Merged::None;
    }
    match joins::constraint(operator) {
        Some(JoinConstraint::Natural) => Merged::All,
        Some(JoinConstraint::Using(columns)) => {
            let columns = columns
                .iter()
                .filter_map(|column| column.0.last().and_then(ObjectNamePart::as_ident));
            let columns = columns.map(|column| Name::of_column(dialect, column));
            Merged::These(columns.collect())
        }
        _ => Merged::None,
    }
}

fn alias_of(factor: &TableFactor) -> Option<&TableAlias> {
    match factor {
        TableFactor::Derived { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::JsonTable { alias, .. }
        | TableFactor::XmlTable { alias, .. }
        | TableFactor::TableFunction { alias, .. } => alias.as_ref(),
        _ => None,
    }
}
