//! How values of a column are compared, told by their texts in the archive.

use super::ArchiveDialect;

/// How values of one column are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) form: Form,
    /// What PostgreSQL or SQLite compares the form by, where that is not its bytes.
    pub(crate) collation: Option<String>,
}

/// The text that equal values share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// The value's own.
    #[default]
    Same,
    /// Without blanks at the end.
    Unpadded,
    /// In small letters.
    Folded,
    /// Without zeros at the end of a fraction.
    Trimmed,
    /// PostgreSQL's times with zone, in UTC.
    Utc,
    /// What MySQL sorts a text by.
    Weight {
        charset: String,
        collation: String,
        pads: bool,
    },
}

impl Comparison {
    pub(crate) fn is_of_bytes(&self) -> bool {
        *self == Self::default()
    }

    /// A value that compares as the column does.
    pub(crate) fn collated(&self, value: &str) -> String {
        match (&self.form, &self.collation) {
            (
                Form::Weight {
                    charset, collation, ..
                },
                _,
            ) => format!("CONVERT({value} USING {charset}) COLLATE {collation}"),
            (_, Some(collation)) => format!("({value}) COLLATE {collation}"),
            _ => value.to_owned(),
        }
    }

    /// The form of a text that equal values share.
    pub(crate) fn form(&self, dialect: &dyn ArchiveDialect, text: &str) -> String {
        match &self.form {
            Form::Same => text.to_owned(),
            Form::Unpadded => format!("rtrim({text}, ' ')"),
            Form::Folded => format!("lower({text})"),
            Form::Trimmed => dialect.without_zeros(text),
            Form::Utc => format!(
                "CASE WHEN {text} ~ '^[0-9]{{4,}}-[0-9]{{2}}-[0-9]{{2}}T[0-9:.]+(Z|[+-][0-9:]+)$' \
                 THEN (({text})::timestamptz AT TIME ZONE 'UTC')::text ELSE {text} END"
            ),
            Form::Weight {
                charset,
                collation,
                pads,
            } => {
                let own = if *pads {
                    format!("TRIM(TRAILING ' ' FROM {text})")
                } else {
                    text.to_owned()
                };
                let weight = format!(
                    "HEX(WEIGHT_STRING(CONVERT({own} USING {charset}) COLLATE {collation}))"
                );
                if charset.starts_with("utf8mb4") {
                    return weight;
                }
                // What the character set lacks becomes a question mark, and is not equal to one.
                format!(
                    "IF(HEX(CONVERT(CONVERT({text} USING {charset}) USING utf8mb4)) = HEX({text}), {weight}, \
                     CONCAT('not in {charset}: ', HEX({text})))"
                )
            }
        }
    }
}
