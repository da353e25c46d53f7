//! SQL is never made of what a caller says: what is put into a statement as text is a name of the
//! program's own, and all else is bound.

use std::collections::BTreeSet;

use crate::tidy::sources;

/// What is put into statements, file by file: schemas, tables and columns that the program itself
/// has named. Whoever adds a name here has seen where it comes from.
const OWN_NAMES: &[(&str, &[&str])] = &[
    ("crates/kernel/src/calls/days.rs", &["day", "name", "next", "partition"]),
    ("crates/kernel/src/log/scan.rs", &[""]),
    ("crates/kernel/src/log/settings.rs", &["setting"]),
    ("crates/kernel/src/projection/compare.rs", &["schema", "table"]),
    ("crates/kernel/src/projection/control.rs", &["table"]),
    ("crates/kernel/src/projection/lane.rs", &["stopped", "table"]),
    ("crates/kernel/src/projection/rebuild.rs", &["next", "schema"]),
    ("crates/kernel/src/projection/rows.rs", &["both", "columns", "name", "on", "set"]),
    ("crates/kernel/src/projection/switch.rs", &["", "from", "old", "table", "to"]),
    ("crates/kernel/src/proofs/rows.rs", &["from", "to"]),
    ("crates/kernel/src/proofs/select.rs", &["columns"]),
    ("crates/kernel/src/wall/schema.rs", &["name"]),
    // A tenant, as the digits of its bytes.
    ("crates/kernel/src/wall/tenant.rs", &[""]),
    ("services/projector/src/history/list.rs", &["column", "context", "table", "union"]),
    ("services/projector/src/history/tree.rs", &["", "context", "table"]),
    ("services/projector/src/order_metrics_query.rs", &["id", "name"]),
    ("services/projector/src/orders_query.rs", &["", "waits"]),
    ("services/projector/src/orders_todo.rs", &["", "which"]),
    ("services/projector/src/orders_waiting.rs", &[""]),
    ("services/projector/src/read.rs", &["path"]),
    ("services/projector/src/sales/sums.rs", &["at", "direction", "id", "measure", "name"]),
    ("services/projector/src/waiting_query.rs", &["column"]),
];

/// Words that only a statement has.
const STATEMENT: &[&str] = &[
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE ",
    "DROP ",
    "ALTER ",
    "SET LOCAL ",
    "LOCK TABLE ",
    " WHERE ",
    " AND ",
    "ORDER BY ",
    "GROUP BY ",
    "SHOW ",
    "COPY ",
    "TRUNCATE ",
];

/// What the `format!`s of a file put into texts that are statements.
fn pasted(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices("format!(") {
        let rest = text[at + "format!(".len()..].trim_start();
        let Some(rest) = rest.strip_prefix('"') else { continue };
        let statement = literal(rest);
        let pushed = text[..at].trim_end().ends_with("sql.push(");
        if !pushed && !STATEMENT.iter().any(|word| statement.contains(word)) {
            continue;
        }
        let holes = statement.replace("{{", "").replace("}}", "");
        names.extend(holes.split('{').skip(1).filter_map(|hole| {
            let name = hole.split(['}', ':']).next()?;
            // Constants are ours by their form.
            let constant = !name.is_empty() && name == name.to_uppercase();
            (!constant).then(|| name.to_owned())
        }));
    }
    names
}

/// A text of a program up to its end.
fn literal(rest: &str) -> String {
    let mut text = String::new();
    let mut signs = rest.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => break,
            '\\' => text.extend(signs.next()),
            _ => text.push(sign),
        }
    }
    text
}

#[test]
fn statements_are_not_made_of_what_callers_say() {
    let ours = |path: &str| {
        (path.starts_with("services/") || path.starts_with("crates/"))
            && path.contains("/src/")
            && !path.starts_with("crates/bench/")
            && !path.starts_with("crates/local/")
    };
    let mut found = Vec::new();
    for file in sources(&[".rs"]).iter().filter(|file| ours(&file.path)) {
        let own = OWN_NAMES.iter().find(|(path, _)| *path == file.path);
        let own = own.map(|(_, names)| *names).unwrap_or_default();
        let names = pasted(&file.text);
        let strange: Vec<_> = names.iter().filter(|name| !own.contains(&name.as_str())).collect();
        if !strange.is_empty() {
            found.push(format!("{}: {strange:?}", file.path));
        }
        let gone: Vec<_> = own.iter().filter(|name| !names.contains(**name)).collect();
        assert!(gone.is_empty(), "{} no longer has {gone:?}", file.path);
    }
    assert!(found.is_empty(), "bind it, or name it in OWN_NAMES:\n{}", found.join("\n"));
}

#[test]
fn a_name_that_is_put_into_a_statement_is_found() {
    let text = r#"
        sqlx::query(&format!("SELECT * FROM {TABLE} WHERE name = '{wanted}'"));
        let sql = format!(
            "DELETE FROM orders \
             WHERE id = {}", id);
        sql.push(format!(" LIMIT {limit:?}"));
        format!("no statement of {anybody}");
        format!("SELECT '{{}}'");
    "#;
    assert_eq!(pasted(text).into_iter().collect::<Vec<_>>(), ["", "limit", "wanted"]);
}
