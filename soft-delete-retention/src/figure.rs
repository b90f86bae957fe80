//! A figure, and how much it is worth.

/// A figure, and how much it is worth.
///
/// ```
/// use soft_delete::Figure;
///
/// assert_eq!(Figure::Estimate(1_000_000).value(), Some(1_000_000));
/// assert!(!Figure::Estimate(1_000_000).is_exact());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "is", content = "value", rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Figure<T> {
    /// Counted, or read from the rows.
    Exact(T),
    /// From the database's own statistics.
    Estimate(T),
    /// It may be more: counting stopped here, and the database has no statistics for the rest.
    AtLeast(T),
    /// The database doesn't know, and the table would have to be read to find out.
    Unknown,
}

impl<T: Copy> Figure<T> {
    /// The number or time, whatever it is worth.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Exact(value) | Self::Estimate(value) | Self::AtLeast(value) => Some(value),
            Self::Unknown => None,
        }
    }

    /// Whether it was counted, or read from the rows.
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Exact(_))
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Figure<U> {
        match self {
            Self::Exact(value) => Figure::Exact(change(value)),
            Self::Estimate(value) => Figure::Estimate(change(value)),
            Self::AtLeast(value) => Figure::AtLeast(change(value)),
            Self::Unknown => Figure::Unknown,
        }
    }
}

impl Figure<u64> {
    /// What the catalog says, which is never less than what was seen.
    pub(super) fn estimate(known: Option<u64>, seen: u64) -> Self {
        match known {
            Some(known) => Self::Estimate(known.max(seen)),
            None if seen > 0 => Self::AtLeast(seen),
            None => Self::Unknown,
        }
    }

    /// What is left of it without a part.
    pub(super) fn without(self, part: Self) -> Self {
        match (self, part) {
            (Self::Exact(all), Self::Exact(part)) => Self::Exact(all.saturating_sub(part)),
            (Self::Exact(all) | Self::Estimate(all), Self::Exact(part) | Self::Estimate(part)) => {
                Self::Estimate(all.saturating_sub(part))
            }
            _ => Self::Unknown,
        }
    }
}
