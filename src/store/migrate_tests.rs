//! The schema that people read is the schema that the steps make; old databases are carried over.
use super::*;
use std::collections::BTreeMap;

fn made_by(sql: &[&str]) -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    run(&mut connection, None, sql).unwrap();
    connection
}

/// Name of every table and index with its shape: columns, keys, and for indexes the statement without layout.
fn shape(connection: &Connection) -> BTreeMap<String, String> {
    let mut list = connection.prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").unwrap();
    let rows = list.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).unwrap();
    let objects: Vec<(String, String, String)> = rows.collect::<Result<_, _>>().unwrap();
    let mut shapes = BTreeMap::new();
    for (kind, name, sql) in objects {
        let plain: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap()).collect();
        let plain = plain.join(" ").split_whitespace().collect::<Vec<_>>().join(" ").replace(" )", ")");
        let mut text = if kind == "index" { plain } else { String::new() };
        for pragma in ["table_xinfo", "foreign_key_list", "index_list"] {
            let mut facts = connection.prepare(&format!("PRAGMA {pragma}({name})")).unwrap();
            let width = facts.column_count();
            let mut rows = facts.raw_query();
            while let Some(row) = rows.next().unwrap() {
                let cells: Vec<_> = (0..width).map(|i| format!("{:?}", row.get_ref(i).unwrap())).collect();
                text += &format!("\n{pragma} {}", cells.join("|"));
            }
        }
        shapes.insert(format!("{kind} {name}"), text);
    }
    shapes
}

#[test]
fn the_commented_schema_is_the_one_that_the_steps_make() {
    let read = Connection::open_in_memory().unwrap();
    read.execute_batch(include_str!("schema.sql")).unwrap();
    assert_eq!(shape(&read), shape(&made_by(STEPS)));
}

#[test]
fn every_table_is_strict_and_every_column_is_explained() {
    let mut before = "";
    let mut inside = false;
    for line in include_str!("schema.sql").lines() {
        if line.starts_with("CREATE TABLE") {
            assert!(before.starts_with("--"), "no comment above: {line}");
            inside = true;
        } else if line.starts_with(')') {
            assert!(line.starts_with(") STRICT"), "{line}");
            inside = false;
        } else if inside && !line.trim_start().starts_with("PRIMARY KEY") && !line.trim_start().starts_with("UNIQUE") {
            assert!(line.contains(" -- "), "no comment: {line}");
        }
        before = line;
    }
}

#[test]
fn an_old_database_is_copied_and_carried_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fuseau.db");
    let mut connection = Connection::open(&path).unwrap();
    run(&mut connection, Some(&path), STEPS).unwrap();
    connection.execute("INSERT INTO meta VALUES ('kept', 'yes')", []).unwrap();
    assert!(!dir.path().join("backups").exists(), "a new file needs no copy");

    let next: Vec<&str> = STEPS.iter().copied().chain(["ALTER TABLE bounce ADD COLUMN code TEXT"]).collect();
    run(&mut connection, Some(&path), &next).unwrap();
    assert_eq!(version(&connection).unwrap(), NEWEST + 1);
    let kept = |c: &Connection| c.query_row("SELECT value FROM meta", [], |r| r.get::<_, String>(0)).unwrap();
    assert_eq!(kept(&connection), "yes");
    let copy = dir.path().join("backups").join(format!("fuseau-before-upgrade-from-{NEWEST}.db"));
    let copy = Connection::open(copy).unwrap();
    assert_eq!((version(&copy).unwrap(), kept(&copy)), (NEWEST, "yes".to_owned()));
}

#[test]
fn a_step_that_fails_leaves_the_old_version() {
    let mut connection = made_by(STEPS);
    let before = shape(&connection);
    let next: Vec<&str> = STEPS.iter().copied().chain(["CREATE TABLE more (a) STRICT; nonsense"]).collect();
    assert!(run(&mut connection, None, &next).is_err());
    let next: Vec<&str> = STEPS.iter().copied().chain(["CREATE TABLE more (a TEXT) STRICT; nonsense"]).collect();
    assert!(run(&mut connection, None, &next).is_err());
    assert_eq!((version(&connection).unwrap(), shape(&connection)), (NEWEST, before));
}
