//! The bar fill model: docs/bar-engine.md, clause by clause.
