//! The benchmarks are programs of their own: `cargo bench -p soft-delete-benches --bench cascade`.
