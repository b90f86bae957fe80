#!/bin/sh
# The JSON of rustdoc is not stable yet. Only rustdoc is told to go on all the same: with the variable set for all of Cargo, every
# crate would be built again.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
