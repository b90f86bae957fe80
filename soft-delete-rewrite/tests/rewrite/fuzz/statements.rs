//! Random statements of the forms in which names are easily taken for another's: definitions with a query, joins with an alias,
//! aliases that differ in case, names of results in HAVING, tables of one name in two schemas.

use proptest::{collection::vec, prelude::*};

/// What a word in braces may become. Words that stand for none are left alone.
const RULES: &[(&str, &[&str])] = &[
    (
        "{statement}",
        &[
            "{query}",
            "{query}",
            "CREATE TABLE copy AS {query}",
            "CREATE TEMP TABLE copy AS ({query})",
            "CREATE TABLE copy (a, b) AS WITH d AS ({change}) {of_d}",
            "CREATE TABLE copy AS (TABLE {table}) UNION ALL {query}",
            "CREATE TABLE copy {query}",
            "CREATE VIEW copy AS {query}",
            "CREATE MATERIALIZED VIEW copy AS {query}",
            "SELECT n.id INTO copy FROM {from} WHERE {condition}",
            "WITH d AS ({change}) {of_d}",
            "INSERT INTO author (id) {query}",
            "EXPLAIN {query}",
            "{change}",
        ],
    ),
    (
        "{of_d}",
        &[
            "TABLE d",
            "SELECT * FROM d",
            "VALUES (1)",
            "SELECT 1 FROM d JOIN {factor} ON {condition}",
        ],
    ),
    (
        "{change}",
        &[
            "DELETE FROM {table} WHERE {condition}",
            "DELETE FROM {table} USING {from} WHERE {condition} RETURNING *",
            "DELETE {alias} FROM {from} WHERE {condition}",
            "UPDATE {table} SET id = 1 WHERE {condition}",
            "UPDATE {table} SET id = ({query}) FROM {from} WHERE {condition} RETURNING 1",
            "UPDATE {from} SET p.id = 1 WHERE {condition}",
        ],
    ),
    (
        "{query}",
        &[
            "SELECT * FROM {from} WHERE {condition}",
            "SELECT {alias}.id FROM {from}",
            "SELECT {alias}.id, {alias}.id + 1 AS deleted_at FROM {from} HAVING {condition}",
            "SELECT id AS \"deleted_at\" FROM {from} GROUP BY id, {column} HAVING {column} IS NULL",
            "SELECT id AS deleted_at FROM {from} WHERE {condition} GROUP BY 1 HAVING deleted_at > 0",
            "SELECT * FROM {factor} WHERE {condition} UNION ALL SELECT * FROM {from}",
        ],
    ),
    (
        "{from}",
        &[
            "{factor}",
            "{factor}, {factor}",
            "{factor} JOIN {factor} ON {condition}",
            "{factor} LEFT JOIN {factor} ON {condition}",
            "{factor} FULL JOIN {factor} USING (id)",
            "{factor} RIGHT JOIN {factor} ON {condition}",
            "{factor} NATURAL LEFT JOIN {factor}",
        ],
    ),
    (
        "{factor}",
        &[
            "{table}",
            "{table} {alias}",
            "{table} AS {alias}",
            "({table} {alias} JOIN {table} {alias} ON {condition}) AS {alias}",
            "({table} {alias} CROSS JOIN {factor}) {alias}",
            "({factor} JOIN {factor} ON {condition})",
            "({query}) AS {alias}",
            "(({table} {alias} LEFT JOIN {table} {alias} USING (id)) AS {alias} JOIN {factor} ON {condition})",
        ],
    ),
    (
        "{table}",
        &[
            "post",
            "post",
            "Post",
            "\"post\"",
            "`post`",
            "blog.post",
            "shop.post",
            "shop.comment",
            "blog.comment",
            "comment",
            "author",
            "shop.tag",
            "POST",
        ],
    ),
    (
        "{alias}",
        &[
            "p", "P", "\"p\"", "\"P\"", "`P`", "c", "C", "post", "j", "n",
        ],
    ),
    (
        "{column}",
        &[
            "deleted_at",
            "{alias}.deleted_at",
            "{alias}.deleted_at",
            "{table}.deleted_at",
            "{table}.DELETED_AT",
            "removed_at",
            "{alias}.\"deleted_at\"",
            "{alias}.\"DELETED_AT\"",
        ],
    ),
    (
        "{condition}",
        &[
            "{column} IS NULL",
            "{column} IS NULL",
            "{column} IS NOT NULL",
            "{column} IS NULL OR TRUE",
            "{alias}.id = {alias}.id",
            "{condition} AND {condition}",
            "{condition} OR {condition}",
            "NOT ({condition})",
            "EXISTS ({query})",
            "id IN (SELECT id FROM {from})",
            "visible(deleted_at => {column})",
            "true",
        ],
    ),
];

/// How many words in braces are filled at random. Those after them become the first that they may.
const MOST: usize = 60;

/// A statement by the rules.
pub(super) fn statement() -> impl Strategy<Value = String> {
    vec(any::<u8>(), MOST).prop_map(|choices| {
        let mut choices = choices.into_iter();
        let mut written = String::new();
        fill("{statement}", &mut choices, &mut written);
        written
    })
}

/// Writes a text with the words in braces filled.
fn fill(text: &str, choices: &mut dyn Iterator<Item = u8>, written: &mut String) {
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let close = rest[open..].find('}').expect("a brace") + open + 1;
        let (_, forms) = RULES
            .iter()
            .find(|(word, _)| *word == &rest[open..close])
            .expect("a rule");
        written.push_str(&rest[..open]);
        let choice = choices.next().map_or(0, usize::from);
        fill(forms[choice % forms.len()], choices, written);
        rest = &rest[close..];
    }
    written.push_str(rest);
}
