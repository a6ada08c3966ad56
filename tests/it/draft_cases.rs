//! When drafts lie there: the cases of tests/drafts/*.txt, one table for each kind.
