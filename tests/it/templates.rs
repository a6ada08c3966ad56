//! docs/reference/templates.md says what src/compose/context.rs says.
use std::{fs, path::Path};

#[test]
fn the_page_about_templates_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/templates.md");
    let page = fuseau::compose::context::reference();
    if fs::read_to_string(&path).ok().as_deref() != Some(page.as_str()) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, page).unwrap();
        assert!(std::env::var_os("UPDATE").is_some(), "{} was stale and has been rewritten: commit it", path.display());
    }
}
