//! Schemas of updatable views: what the databases that have schemas do differently.

use std::fmt;

/// How a database makes a schema of views.
pub(crate) trait Views: fmt::Debug + Send + Sync {
    /// Whether a table that no view stands for is found behind the views, by a search path.
    fn falls_through(&self) -> bool;

    /// Gives a row if the schema of that name is there.
    fn schema_query(&self) -> &'static str;

    /// The name, the definition and the options of each view of the schema of that name.
    fn views_query(&self) -> &'static str;

    /// What else is in the schema of that name, which nobody but the schema's owner can have made.
    fn others_query(&self) -> &'static str;

    /// The schemas that have a view of that name.
    fn schemas_with_view_query(&self) -> &'static str;

    /// Gives 1 if a view can be made to have the privileges, and the policies, of whoever uses it, else 0; `None` where tables have
    /// no policies.
    fn invoker_query(&self) -> Option<&'static str> {
        None
    }

    /// Creates the schema.
    fn create_schema(&self, schema: &str) -> Vec<String>;

    /// Drops the schema, which has no views any more.
    fn drop_schema(&self, schema: &str) -> Vec<String>;

    /// Creates a view, or gives one more columns.
    fn create_view(&self, view: &View<'_>) -> Vec<String>;

    /// Whether a view can be made to have other columns without being dropped.
    fn replaces_views(&self) -> bool;

    /// Whether a view was made with these options by [`create_view`](Self::create_view).
    fn has_options(&self, options: &str, view: &View<'_>) -> bool;

    /// Lets a user read, insert and update through the views, and lets the engine do its work behind them.
    fn grants(&self, grants: &Grants<'_>) -> Vec<String>;

    /// A URL whose connections begin with the schema of views.
    fn url(&self, parts: UrlParts<'_>, schema: &str, base: Option<&str>) -> String;
}

/// One view.
#[derive(Debug)]
pub(crate) struct View<'v> {
    pub(crate) schema: &'v str,
    pub(crate) name: &'v str,
    pub(crate) base: &'v str,
    pub(crate) columns: Vec<&'v str>,
    /// The column that is NULL in the rows that it shows; `None` if it shows all.
    pub(crate) deleted_at: Option<&'v str>,
    /// Whether it has the privileges of whoever uses it.
    pub(crate) is_invoker: bool,
    /// Whether it is there, and gets more columns.
    pub(crate) is_extended: bool,
}

/// What a user is granted.
#[derive(Debug)]
pub(crate) struct Grants<'g> {
    pub(crate) user: &'g str,
    pub(crate) schema: &'g str,
    pub(crate) base: &'g str,
    /// Tables whose active rows are shown.
    pub(crate) active: Vec<&'g str>,
    /// Tables of which all rows are shown.
    pub(crate) all: Vec<&'g str>,
}

/// A connection's URL, taken apart and not decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UrlParts<'u> {
    pub(crate) scheme: &'u str,
    /// User, password, host and port.
    pub(crate) authority: &'u str,
    pub(crate) database: &'u str,
    pub(crate) query: Option<&'u str>,
}

impl<'u> UrlParts<'u> {
    pub(crate) fn of(url: &'u str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (place, query) = match rest.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (rest, None),
        };
        let (authority, database) = place.split_once('/').unwrap_or((place, ""));
        Some(Self {
            scheme,
            authority,
            database,
            query: query.filter(|query| !query.is_empty()),
        })
    }
}

/// A text as a part of a URL.
pub(super) fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
