//! All integration tests, in one binary (one link on a small machine). Cases are data in the folders beside it.
mod floor_plan;
