//! Differences between two texts, as typed hunks with word-level emphasis.
