//! The condition of a relation: what a row must meet, beside its key, to belong to a parent.

use sea_orm::{
    RelationDef,
    sea_query::{
        BinOper, ColumnName, ColumnRef, ConditionType, DynIden, Expr, Func, FunctionCall,
        IntoIden as _, TableName,
    },
};

const CHILD: &str = "soft_delete_child";
const PARENT: &str = "soft_delete_parent";

/// What [`RelationDef::on_condition`] says, taken apart by the side that it speaks of.
///
/// It bounds the foreign key wherever that is used: a row that does not meet it is not below the parent, whatever its key's columns
/// hold. Polymorphic relations are of this kind: `owner_id` refers to a post where `owner_type = 'post'`, and to a photo elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct KeyCondition {
    /// Columns that must be equal beside the key's own: of this table, and of the parent's.
    pub(super) equal: Vec<(String, String)>,
    child: Option<Expr>,
    parent: Option<Expr>,
    /// Why it can't be put into the engine's statements.
    pub(super) problem: Option<String>,
}

/// Which table an expression speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Neither,
    Child,
    Parent,
    Both,
}

impl KeyCondition {
    pub(super) fn of(relation: &RelationDef, child_columns: &[&str]) -> Self {
        let Some(condition) = &relation.on_condition else {
            return Self::default();
        };
        let names = Names {
            child: relation.from_tbl.sea_orm_table().to_string(),
            parent: relation.to_tbl.sea_orm_table().to_string(),
            child_columns,
        };
        let mut result = Self::default();
        if relation.condition_type == ConditionType::Any {
            result.problem =
                Some("is an alternative to the key (`condition_type = \"any\"`)".into());
            return result;
        }
        let condition = Expr::from(condition(CHILD.into_iden(), PARENT.into_iden()));
        if let Err(problem) = result.add(condition, &names) {
            result.problem = Some(problem);
        }
        result
    }

    /// What a row must meet, under this name of its table.
    pub(super) fn on_child(&self, table: &DynIden) -> Option<Expr> {
        self.child.clone().map(|child| at(child, table))
    }

    /// What the parent must meet, under this name of its table.
    pub(super) fn on_parent(&self, table: &DynIden) -> Option<Expr> {
        self.parent.clone().map(|parent| at(parent, table))
    }

    fn add(&mut self, condition: Expr, names: &Names<'_>) -> Result<(), String> {
        if let Expr::Binary(left, BinOper::And, right) = condition {
            self.add(*left, names)?;
            return self.add(*right, names);
        }
        let (condition, side) = names.resolve(condition)?;
        let to = match side {
            Side::Neither | Side::Child => &mut self.child,
            Side::Parent => &mut self.parent,
            Side::Both => {
                self.equal.push(equal_columns(&condition)?);
                return Ok(());
            }
        };
        *to = Some(match to.take() {
            Some(before) => Expr::Binary(Box::new(before), BinOper::And, Box::new(condition)),
            None => condition,
        });
        Ok(())
    }
}

/// `child.a = parent.b`: a part of the key that the relation does not list.
fn equal_columns(condition: &Expr) -> Result<(String, String), String> {
    if let Expr::Binary(left, BinOper::Equal, right) = condition
        && let (Some((left_table, left)), Some((_, right))) = (column(left), column(right))
    {
        return Ok(match left_table == CHILD {
            true => (left, right),
            false => (right, left),
        });
    }
    Err("compares columns of both tables in another way than by `=`".into())
}

fn column(expression: &Expr) -> Option<(String, String)> {
    match expression {
        Expr::Column(ColumnRef::Column(ColumnName(Some(table), name))) => {
            Some((table.1.to_string(), name.to_string()))
        }
        _ => None,
    }
}

struct Names<'n> {
    child: String,
    parent: String,
    child_columns: &'n [&'n str],
}

impl Names<'_> {
    /// The expression with each column under the name of its side.
    fn resolve(&self, expression: Expr) -> Result<(Expr, Side), String> {
        match expression {
            Expr::Column(ColumnRef::Column(name)) => {
                let side = self.side_of(&name)?;
                let table = match side {
                    Side::Child => CHILD,
                    _ => PARENT,
                };
                Ok((Expr::col((table, name.1)), side))
            }
            Expr::Unary(operator, inner) => {
                let (inner, side) = self.resolve(*inner)?;
                Ok((Expr::Unary(operator, Box::new(inner)), side))
            }
            Expr::Binary(left, operator, right) => {
                let (left, of_left) = self.resolve(*left)?;
                let (right, of_right) = self.resolve(*right)?;
                let binary = Expr::Binary(Box::new(left), operator, Box::new(right));
                Ok((binary, of_left.and(of_right)))
            }
            Expr::Tuple(inner) => {
                let (inner, side) = self.resolve_all(inner)?;
                Ok((Expr::Tuple(inner), side))
            }
            Expr::AsEnum(name, inner) => {
                let (inner, side) = self.resolve(*inner)?;
                Ok((Expr::AsEnum(name, Box::new(inner)), side))
            }
            Expr::FunctionCall(call) => self.resolve_call(&call),
            plain @ (Expr::Value(_)
            | Expr::Values(_)
            | Expr::Constant(_)
            | Expr::Keyword(_)
            | Expr::TypeName(_)) => Ok((plain, Side::Neither)),
            _ => Err("has SQL of its own in it, or a sub-select".into()),
        }
    }

    fn resolve_all(&self, expressions: Vec<Expr>) -> Result<(Vec<Expr>, Side), String> {
        let mut side = Side::Neither;
        let mut resolved = Vec::with_capacity(expressions.len());
        for expression in expressions {
            let (expression, of_this) = self.resolve(expression)?;
            side = side.and(of_this);
            resolved.push(expression);
        }
        Ok((resolved, side))
    }

    fn resolve_call(&self, call: &FunctionCall) -> Result<(Expr, Side), String> {
        let name = match call.get_func() {
            Func::Lower => "LOWER".into_iden(),
            Func::Upper => "UPPER".into_iden(),
            Func::Coalesce => "COALESCE".into_iden(),
            Func::Custom(name) => name.clone(),
            other => return Err(format!("calls a function ({other:?})")),
        };
        if call.get_filter().is_some() {
            return Err("calls an aggregate function".into());
        }
        let (arguments, side) = self.resolve_all(call.get_args().to_vec())?;
        Ok((Func::cust(name).args(arguments).into(), side))
    }

    fn side_of(&self, ColumnName(table, name): &ColumnName) -> Result<Side, String> {
        let Some(table) = table.as_ref().map(|table| table.1.to_string()) else {
            let is_own = self.child_columns.contains(&name.to_string().as_str());
            return Ok(if is_own { Side::Child } else { Side::Parent });
        };
        match table.as_str() {
            CHILD => Ok(Side::Child),
            PARENT => Ok(Side::Parent),
            own if own == self.child && own == self.parent => Err(format!(
                "names `{own}`, which is the table of both sides: use the names that the function of `on_condition` is given"
            )),
            own if own == self.child => Ok(Side::Child),
            parent if parent == self.parent => Ok(Side::Parent),
            other => Err(format!("names a third table, `{other}`")),
        }
    }
}

impl Side {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Neither, side) | (side, Self::Neither) => side,
            (one, other) if one == other => one,
            _ => Self::Both,
        }
    }
}

/// The expression with its columns under this name of their table.
fn at(expression: Expr, table: &DynIden) -> Expr {
    let boxed = |inner: Box<Expr>| Box::new(at(*inner, table));
    let all = |inner: Vec<Expr>| inner.into_iter().map(|inner| at(inner, table)).collect();
    match expression {
        Expr::Column(ColumnRef::Column(ColumnName(_, name))) => Expr::Column(ColumnRef::Column(
            ColumnName(Some(TableName(None, table.clone())), name),
        )),
        Expr::Unary(operator, inner) => Expr::Unary(operator, boxed(inner)),
        Expr::Binary(left, operator, right) => Expr::Binary(boxed(left), operator, boxed(right)),
        Expr::Tuple(inner) => Expr::Tuple(all(inner)),
        Expr::AsEnum(name, inner) => Expr::AsEnum(name, boxed(inner)),
        Expr::FunctionCall(call) => match call.get_func() {
            Func::Custom(name) => Func::cust(name.clone())
                .args(all(call.get_args().to_vec()))
                .into(),
            _ => Expr::FunctionCall(call),
        },
        other => other,
    }
}
