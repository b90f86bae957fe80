//! Names and values that would end a statement if they were written into it. They are a program of their own: a scoped connection
//! reads every statement of a program in which a table's name has a quote in it.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod hostile {
    mod names_and_values;
}
