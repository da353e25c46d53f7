//! One Parquet file: the rows of a partition, column by column.

use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::row::{Row, SCHEMA};

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

/// The rows as the bytes of a file. The same rows give the same bytes.
pub(crate) fn parquet(rows: &[Row]) -> Result<Vec<u8>> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("qudao".to_owned())
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    let numbers = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    long(&mut group, rows, |row| numbers(row.position))?;
    text(&mut group, rows, |row| &row.event_id)?;
    text(&mut group, rows, |row| &row.tenant)?;
    text(&mut group, rows, |row| &row.context)?;
    text(&mut group, rows, |row| &row.aggregate)?;
    text(&mut group, rows, |row| &row.object_id)?;
    long(&mut group, rows, |row| numbers(row.version))?;
    text(&mut group, rows, |row| &row.event_type)?;
    short(&mut group, rows, |row| i32::try_from(row.event_version).unwrap_or(i32::MAX))?;
    long(&mut group, rows, |row| row.recorded_at.timestamp_micros())?;
    text(&mut group, rows, |row| &row.actor_id)?;
    text(&mut group, rows, |row| &row.actor_name)?;
    text(&mut group, rows, |row| &row.correlation_id)?;
    text(&mut group, rows, |row| &row.causation_id)?;
    text(&mut group, rows, |row| &row.request_id)?;
    optional(&mut group, rows, |row| row.traceparent.as_deref())?;
    text(&mut group, rows, |row| &row.payload)?;
    group.close()?;
    writer.into_inner()
}

fn missing() -> ParquetError {
    ParquetError::General("the schema has fewer columns than a row".to_owned())
}

fn long(group: &mut Group<'_>, rows: &[Row], of: impl Fn(&Row) -> i64) -> Result<()> {
    let mut column = group.next_column()?.ok_or_else(missing)?;
    let values: Vec<_> = rows.iter().map(of).collect();
    column.typed::<Int64Type>().write_batch(&values, None, None)?;
    column.close()
}

fn short(group: &mut Group<'_>, rows: &[Row], of: impl Fn(&Row) -> i32) -> Result<()> {
    let mut column = group.next_column()?.ok_or_else(missing)?;
    let values: Vec<_> = rows.iter().map(of).collect();
    column.typed::<Int32Type>().write_batch(&values, None, None)?;
    column.close()
}

fn text(group: &mut Group<'_>, rows: &[Row], of: impl Fn(&Row) -> &String) -> Result<()> {
    let mut column = group.next_column()?.ok_or_else(missing)?;
    let values: Vec<_> = rows.iter().map(|row| ByteArray::from(of(row).as_str())).collect();
    column.typed::<ByteArrayType>().write_batch(&values, None, None)?;
    column.close()
}

fn optional(group: &mut Group<'_>, rows: &[Row], of: impl Fn(&Row) -> Option<&str>) -> Result<()> {
    let mut column = group.next_column()?.ok_or_else(missing)?;
    let values: Vec<_> = rows.iter().filter_map(&of).map(ByteArray::from).collect();
    let levels: Vec<_> = rows.iter().map(|row| i16::from(of(row).is_some())).collect();
    column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
    column.close()
}
