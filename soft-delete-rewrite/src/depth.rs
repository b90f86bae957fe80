//! How deep the tree of a statement may be, told before there is one.

use sqlparser::keywords::Keyword;

use super::tokens::{Kind, Source};

impl Source<'_> {
    /// How much stack the tree of the statement can take at most, in tokens: those between two commas, in all
    /// parentheses around. What the parser descends for counts more than a link of a chain.
    pub(crate) fn depth(&self) -> usize {
        let mut levels = Vec::new();
        let (mut level, mut depth, mut deepest) = (0_usize, 0_usize, 0);
        for index in 0..self.len() {
            match self.kind(index) {
                Some(Kind::Open) => {
                    depth += Self::DESCENT;
                    levels.push(level);
                    level = 0;
                }
                Some(Kind::Close) => {
                    depth -= level + Self::DESCENT;
                    level = levels.pop().unwrap_or_default();
                }
                Some(Kind::Comma) => {
                    depth -= level;
                    level = 0;
                }
                _ => {
                    let cost = self.cost(index);
                    level += cost;
                    depth += cost;
                }
            }
            deepest = deepest.max(depth);
        }
        deepest
    }

    /// What a parenthesis or a prefix costs, against a link of a chain.
    const DESCENT: usize = 40;

    fn cost(&self, index: usize) -> usize {
        match self.keyword(index) {
            Keyword::NOT | Keyword::CASE => Self::DESCENT,
            // Joins without ON nest.
            Keyword::JOIN => 8,
            _ if self.kind(index) == Some(Kind::Sign) => Self::DESCENT,
            _ => 1,
        }
    }
}
