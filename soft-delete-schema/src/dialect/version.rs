//! The oldest servers that the schema helpers were written for.

/// The first version that has what the helpers build on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OldestVersion {
    pub(crate) server: &'static str,
    pub(crate) numbers: (u32, u32),
    pub(crate) name: &'static str,
}

impl OldestVersion {
    pub(super) fn is_after(&self, found: &str) -> bool {
        numbers(found) < self.numbers
    }
}

/// The first two numbers of `8.0.36`, `15.18 (Debian 15.18-0+deb12u1)` or `16beta1`.
fn numbers(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    });
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_whatever_is_appended() {
        assert_eq!(numbers("10.11.19-MariaDB-0+deb12u1"), (10, 11));
        assert_eq!(numbers("15.18 (Debian 15.18-0+deb12u1)"), (15, 18));
        assert_eq!(numbers("16beta1"), (16, 0));
        assert_eq!(numbers("8.0.36"), (8, 0));
        assert_eq!(numbers(""), (0, 0));
    }
}
