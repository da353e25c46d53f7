//! What a projection writes to: rows that are collected and stored by a few statements a batch, or
//! SQL of its own.
//!
//! A statement for each fact would limit a rebuild to some thousand facts a second. So inserts,
//! updates and deletes of rows by their keys are folded in memory, and a batch of thousands of
//! facts becomes one statement for each table and kind of change. The author of a read model does
//! not see whether it is fed one fact or thousands.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sqlx::PgConnection;

use super::ProjectError;

/// A table of a read model.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns of its primary key, in order.
    pub key: &'static [&'static str],
}

/// Columns and their values, as JSON; PostgreSQL gives them the types of the table.
type Columns = Map<String, Value>;

/// The tables of a projection, for the time of one fact or many.
pub struct Db<'a> {
    connection: &'a mut PgConnection,
    pending: Vec<Segment>,
}

impl<'a> Db<'a> {
    pub(super) fn new(connection: &'a mut PgConnection) -> Self {
        Self { connection, pending: Vec::new() }
    }

    /// Adds a row: `db.insert(&ORDERS, json!({"tenant_id": …, "order_id": …, "note": …}))`.
    /// Columns that are not named get their defaults. A key that is there already is a fault.
    ///
    /// # Errors
    /// When a column of the key is missing.
    pub fn insert(&mut self, table: &'static Table, row: Value) -> Result<(), ProjectError> {
        self.change(table, Kind::Insert, row)
    }

    /// Adds a row, or sets the named columns of the one with this key.
    ///
    /// # Errors
    /// When a column of the key is missing.
    pub fn upsert(&mut self, table: &'static Table, row: Value) -> Result<(), ProjectError> {
        self.change(table, Kind::Upsert, row)
    }

    /// Sets the named columns of the row with this key, if there is one.
    ///
    /// # Errors
    /// When a column of the key is missing.
    pub fn update(&mut self, table: &'static Table, row: Value) -> Result<(), ProjectError> {
        self.change(table, Kind::Update, row)
    }

    /// Adds whole numbers to the named columns of the row with this key, if there is one.
    ///
    /// # Errors
    /// When a column of the key is missing, or another is not a whole number.
    pub fn add(&mut self, table: &'static Table, row: Value) -> Result<(), ProjectError> {
        let mut row = Row::of(table, Kind::Update, row)?;
        for (column, value) in std::mem::take(&mut row.set) {
            let number = value.as_i64().ok_or_else(|| ProjectError::malformed(table, &column))?;
            row.add.insert(column, number);
        }
        self.put(table, row);
        Ok(())
    }

    /// Deletes the rows whose key begins with these columns.
    ///
    /// # Errors
    /// When the columns are not the first ones of the key.
    pub fn delete(&mut self, table: &'static Table, key: Value) -> Result<(), ProjectError> {
        let Value::Object(mut named) = key else {
            return Err(ProjectError::malformed(table, "the row"));
        };
        let mut values = Vec::with_capacity(named.len());
        for column in table.key.iter().take(named.len()) {
            let value = named.remove(*column);
            values.push(value.ok_or_else(|| ProjectError::malformed(table, column))?);
        }
        if self.pending.is_empty() {
            self.pending.push(Segment::default());
        }
        // Earlier segments may hold rows with this key as well, and they are stored before.
        if let Some(segment) = self.pending.last_mut() {
            segment.changes(table).delete(values);
        }
        Ok(())
    }

    /// The connection itself, for SQL that reads its own tables or changes many rows. What was
    /// collected is stored first, so SQL sees it.
    ///
    /// # Errors
    /// When the database refuses what was collected.
    pub async fn sql(&mut self) -> Result<&mut PgConnection, ProjectError> {
        self.flush().await?;
        Ok(&mut *self.connection)
    }

    /// The connection as it is, with what was collected still to be stored.
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        self.connection
    }

    fn change(
        &mut self,
        table: &'static Table,
        kind: Kind,
        row: Value,
    ) -> Result<(), ProjectError> {
        let row = Row::of(table, kind, row)?;
        self.put(table, row);
        Ok(())
    }

    fn put(&mut self, table: &'static Table, row: Row) {
        let refused = match self.pending.last_mut() {
            Some(segment) => segment.changes(table).put(row),
            None => Some(row),
        };
        if let Some(row) = refused {
            let mut segment = Segment::default();
            // The first row of a segment is never refused.
            let _ = segment.changes(table).put(row);
            self.pending.push(segment);
        }
    }

    /// Stores what was collected.
    pub(super) async fn flush(&mut self) -> Result<(), ProjectError> {
        for segment in std::mem::take(&mut self.pending) {
            for changes in segment.0 {
                changes.store(self.connection).await?;
            }
        }
        Ok(())
    }
}

/// Changes that may be stored in any order of rows: one a key. A change that does not fold into the
/// one before it begins another segment.
#[derive(Default)]
struct Segment(Vec<Changes>);

impl Segment {
    fn changes(&mut self, table: &'static Table) -> &mut Changes {
        let at = self.0.iter().position(|changes| changes.table.name == table.name);
        let at = at.unwrap_or_else(|| {
            self.0.push(Changes { table, deletes: Vec::new(), rows: BTreeMap::new() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }
}

/// Changes of one table. Deletes come first: what was collected before them is gone with them.
struct Changes {
    table: &'static Table,
    deletes: Vec<Vec<Value>>,
    rows: BTreeMap<Vec<String>, Row>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Insert,
    Upsert,
    Update,
}

struct Row {
    kind: Kind,
    key: Vec<Value>,
    set: Columns,
    add: BTreeMap<String, i64>,
}

impl Row {
    fn of(table: &Table, kind: Kind, row: Value) -> Result<Self, ProjectError> {
        let Value::Object(mut set) = row else {
            return Err(ProjectError::malformed(table, "the row"));
        };
        let mut key = Vec::with_capacity(table.key.len());
        for column in table.key {
            let value = set.remove(*column);
            key.push(value.ok_or_else(|| ProjectError::malformed(table, column))?);
        }
        Ok(Self { kind, key, set, add: BTreeMap::new() })
    }

    /// Takes a later change of the same row; gives it back when the two can not be one.
    fn fold(&mut self, later: Self) -> Option<Self> {
        match (self.kind, later.kind) {
            (_, Kind::Update) | (Kind::Insert | Kind::Upsert, Kind::Upsert) => (),
            (_, Kind::Insert) | (Kind::Update, Kind::Upsert) => return Some(later),
        }
        // A sum with a column of unknown value has to be made by PostgreSQL.
        let unknown = |(column, _): (&String, &i64)| {
            self.set.get(column).is_some_and(|value| value.as_i64().is_none())
        };
        if later.add.iter().any(unknown) {
            return Some(later);
        }
        for (column, value) in later.set {
            self.add.remove(&column);
            self.set.insert(column, value);
        }
        for (column, number) in later.add {
            match self.set.get(&column).and_then(Value::as_i64) {
                Some(before) => drop(self.set.insert(column, before.saturating_add(number).into())),
                None => *self.add.entry(column).or_default() += number,
            }
        }
        None
    }
}

impl Changes {
    fn put(&mut self, row: Row) -> Option<Row> {
        let key = row.key.iter().map(Value::to_string).collect();
        match self.rows.entry(key) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(row);
                None
            }
            std::collections::btree_map::Entry::Occupied(mut before) => before.get_mut().fold(row),
        }
    }

    fn delete(&mut self, key: Vec<Value>) {
        let prefix: Vec<String> = key.iter().map(Value::to_string).collect();
        let from = self.rows.range(prefix.clone()..);
        let gone: Vec<_> =
            from.map(|(key, _)| key).take_while(|key| key.starts_with(&prefix)).cloned().collect();
        for key in gone {
            self.rows.remove(&key);
        }
        self.deletes.push(key);
    }

    async fn store(self, db: &mut PgConnection) -> Result<(), ProjectError> {
        let table = self.table;
        let mut deletes: BTreeMap<usize, Vec<Columns>> = BTreeMap::new();
        for key in self.deletes {
            let columns = key.len();
            deletes.entry(columns).or_default().push(named(table, key));
        }
        for (columns, rows) in deletes {
            run(db, &delete_sql(table, &table.key[..columns]), rows).await?;
        }
        // Rows of one shape go by one statement.
        let mut inserts: BTreeMap<(Kind, Vec<String>), Vec<Columns>> = BTreeMap::new();
        let mut updates: BTreeMap<(Vec<String>, Vec<String>), Vec<Columns>> = BTreeMap::new();
        for (_, row) in self.rows {
            let mut key = named(table, row.key);
            let sums: Vec<String> = row.add.keys().cloned().collect();
            let sets: Vec<String> = row.set.keys().cloned().collect();
            let numbers = row.add.into_iter().map(|(column, number)| (column, number.into()));
            if row.kind == Kind::Update {
                key.extend(row.set);
                key.extend(numbers);
                updates.entry((sets, sums)).or_default().push(key);
                continue;
            }
            if !sums.is_empty() {
                let mut sum = key.clone();
                sum.extend(numbers);
                updates.entry((Vec::new(), sums)).or_default().push(sum);
            }
            key.extend(row.set);
            inserts.entry((row.kind, sets)).or_default().push(key);
        }
        for ((kind, sets), rows) in inserts {
            run(db, &insert_sql(table, kind, &sets), rows).await?;
        }
        for ((sets, sums), rows) in updates {
            if !sets.is_empty() || !sums.is_empty() {
                run(db, &update_sql(table, &sets, &sums), rows).await?;
            }
        }
        Ok(())
    }
}

fn named(table: &Table, key: Vec<Value>) -> Columns {
    table.key.iter().map(|column| (*column).to_owned()).zip(key).collect()
}

async fn run(db: &mut PgConnection, sql: &str, rows: Vec<Columns>) -> Result<(), ProjectError> {
    let rows = serde_json::to_string(&rows)?;
    sqlx::query(sql).bind(rows).execute(db).await?;
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list<T: AsRef<str>>(names: &[T], between: &str, each: impl Fn(String) -> String) -> String {
    names.iter().map(|name| each(quoted(name.as_ref()))).collect::<Vec<_>>().join(between)
}

fn delete_sql(table: &Table, key: &[&str]) -> String {
    let name = quoted(table.name);
    let on = list(key, " AND ", |column| format!("t.{column} = r.{column}"));
    format!(
        "DELETE FROM {name} t USING json_populate_recordset(NULL::{name}, $1::json) r WHERE {on}"
    )
}

fn insert_sql(table: &Table, kind: Kind, sets: &[String]) -> String {
    let name = quoted(table.name);
    let all: Vec<&str> = table.key.iter().copied().chain(sets.iter().map(String::as_str)).collect();
    let columns = list(&all, ", ", |column| column);
    let mut sql = format!(
        "INSERT INTO {name} ({columns})
         SELECT {columns} FROM json_populate_recordset(NULL::{name}, $1::json)"
    );
    if kind == Kind::Upsert {
        let key = list(table.key, ", ", |column| column);
        let set = list(sets, ", ", |column| format!("{column} = EXCLUDED.{column}"));
        let action =
            if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {set}") };
        sql.push_str(&format!(" ON CONFLICT ({key}) DO {action}"));
    }
    sql
}

fn update_sql(table: &Table, sets: &[String], sums: &[String]) -> String {
    let name = quoted(table.name);
    let set = list(sets, ", ", |column| format!("{column} = r.{column}"));
    let sum = list(sums, ", ", |column| format!("{column} = t.{column} + r.{column}"));
    let both =
        [set, sum].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let on = list(table.key, " AND ", |column| format!("t.{column} = r.{column}"));
    format!(
        "UPDATE {name} t SET {both} FROM json_populate_recordset(NULL::{name}, $1::json) r WHERE {on}"
    )
}
