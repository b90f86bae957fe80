//! What a name that does not exist may have been meant to be.

/// The most similar of the names, if one is similar enough to be meant.
pub fn most_similar<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let distance =
        |other: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &other.to_lowercase());
    names
        .map(|other| (distance(other), other))
        .min()
        .filter(|(distance, _)| *distance <= name.chars().count() / 3 + 1)
        .map(|(_, other)| other.to_owned())
}
