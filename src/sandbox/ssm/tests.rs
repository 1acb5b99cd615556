//! The store as its clients see it; the rest is in the contract tests.
