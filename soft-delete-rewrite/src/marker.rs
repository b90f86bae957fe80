//! What tells a deleted row, where that is not NULL.

use sqlparser::{
    ast::{BinaryOperator, Expr, Value},
    parser::Parser,
};

use super::Dialect;

/// What a table's marker has in active rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Active {
    value: Constant,
    nullable: bool,
    /// The present time, where a row is active until the time that it has.
    now: Option<ByDialect>,
}

/// A text of SQL, as each database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ByDialect {
    postgres: String,
    mysql: String,
    sqlite: String,
}

impl ByDialect {
    fn of(&self, dialect: Dialect) -> &str {
        match dialect {
            Dialect::Postgres => &self.postgres,
            Dialect::MySql => &self.mysql,
            Dialect::Sqlite => &self.sqlite,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Constant {
    #[default]
    Null,
    False,
    Zero,
    Text {
        postgres: String,
        mysql: String,
        sqlite: String,
    },
}

impl Active {
    /// NULL: a row is deleted by `IS NOT NULL`.
    pub fn null() -> Self {
        Self::default()
    }

    /// `FALSE`: a row is deleted by `<> FALSE`.
    pub fn false_() -> Self {
        Self::of(Constant::False)
    }

    /// `0`: a row is deleted by `<> 0`.
    pub fn zero() -> Self {
        Self::of(Constant::Zero)
    }

    /// A text, such as a time, as each database writes it.
    pub fn text(postgres: &str, mysql: &str, sqlite: &str) -> Self {
        Self::of(Constant::Text {
            postgres: postgres.to_owned(),
            mysql: mysql.to_owned(),
            sqlite: sqlite.to_owned(),
        })
    }

    /// NULL as well.
    #[must_use]
    pub fn or_null(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// A time that is to come as well: a row is deleted by `<=` the present time, which each database has as this expression.
    ///
    /// ```
    /// use soft_delete_rewrite::{Active, Dialect, Rows, Tables, rewrite};
    ///
    /// # fn main() -> Result<(), soft_delete_rewrite::Refused> {
    /// let active = Active::null().or_after("now()", "UTC_TIMESTAMP(6)", "unixepoch()");
    /// let tables = Tables::new().with_marker(None, "post", "deleted_at", active);
    /// assert_eq!(
    ///     rewrite(Dialect::Postgres, "SELECT title FROM post", &tables, Rows::Active)?,
    ///     r#"SELECT title FROM post WHERE (post."deleted_at" IS NULL OR post."deleted_at" > now())"#,
    /// );
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn or_after(mut self, postgres: &str, mysql: &str, sqlite: &str) -> Self {
        self.now = Some(ByDialect {
            postgres: postgres.to_owned(),
            mysql: mysql.to_owned(),
            sqlite: sqlite.to_owned(),
        });
        self
    }

    fn of(value: Constant) -> Self {
        Self {
            value,
            nullable: false,
            now: None,
        }
    }

    /// Whether a row is deleted by whatever it has.
    pub(crate) fn is_null(&self) -> bool {
        self.value == Constant::Null && self.now.is_none()
    }

    /// Whether a row is deleted by a time that is past.
    pub(crate) fn is_by_time(&self) -> bool {
        self.now.is_some()
    }

    /// The condition that a row is active or deleted, as text behind the column's and as the tree that the text parses to.
    pub(crate) fn condition(
        &self,
        dialect: Dialect,
        is_active: bool,
        written: &str,
        column: Expr,
    ) -> (String, Expr) {
        if let Some(now) = &self.now {
            let now = now.of(dialect);
            let text = match is_active {
                true => format!("({written} IS NULL OR {written} > {now})"),
                false => format!("{written} <= {now}"),
            };
            let parsed = Parser::new(dialect.parser()).try_with_sql(&text);
            let parsed = parsed.and_then(|mut parser| parser.parse_expr());
            // It is part of what tells two conditions apart, and no more.
            let expr = parsed.unwrap_or(Expr::IsNull(Box::new(column)));
            return (text, expr);
        }
        let column = Box::new(column);
        let Some((text, value)) = self.literal(dialect) else {
            return match is_active {
                true => (format!("{written} IS NULL"), Expr::IsNull(column)),
                false => (format!("{written} IS NOT NULL"), Expr::IsNotNull(column)),
            };
        };
        let (sign, op) = match is_active {
            true => ("=", BinaryOperator::Eq),
            false => ("<>", BinaryOperator::NotEq),
        };
        let compared = Expr::BinaryOp {
            left: column.clone(),
            op,
            right: Box::new(Expr::Value(value.into())),
        };
        let text = format!("{written} {sign} {text}");
        if !(is_active && self.nullable) {
            return (text, compared);
        }
        let either = Expr::BinaryOp {
            left: Box::new(compared),
            op: BinaryOperator::Or,
            right: Box::new(Expr::IsNull(column)),
        };
        let text = format!("({text} OR {written} IS NULL)");
        (text, Expr::Nested(Box::new(either)))
    }

    fn literal(&self, dialect: Dialect) -> Option<(String, Value)> {
        Some(match &self.value {
            Constant::Null => return None,
            Constant::False => ("FALSE".to_owned(), Value::Boolean(false)),
            Constant::Zero => ("0".to_owned(), Value::Number("0".into(), false)),
            Constant::Text {
                postgres,
                mysql,
                sqlite,
            } => {
                let text = match dialect {
                    Dialect::Postgres => postgres,
                    Dialect::MySql => mysql,
                    Dialect::Sqlite => sqlite,
                };
                (format!("'{text}'"), Value::SingleQuotedString(text.clone()))
            }
        })
    }

    /// Whether a column that has this value in active rows differs from it where it is compared so: `is_deleted <> FALSE`,
    /// `is_deleted = TRUE`, `deleted_at <> 0`.
    pub(crate) fn is_deleted_by(
        &self,
        dialect: Dialect,
        op: &BinaryOperator,
        value: &Value,
    ) -> bool {
        let Some((_, active)) = self.literal(dialect) else {
            return false;
        };
        // A flag is 0 and 1 on MySQL and SQLite.
        let number = |value: &Value| match value {
            Value::Boolean(is) => Some(u8::from(*is).to_string()),
            Value::Number(digits, _) => Some(digits.to_string()),
            _ => None,
        };
        let is_same = match (number(&active), number(value)) {
            (Some(active), Some(value)) => active == value,
            (None, None) => active == *value,
            _ => return false,
        };
        match op {
            BinaryOperator::NotEq => is_same,
            // Nothing else: what is written otherwise may mean the same, as 0.0 does.
            BinaryOperator::Eq => {
                *value == Value::Boolean(true) || *value == Value::Number("1".into(), false)
            }
            _ => false,
        }
    }
}
