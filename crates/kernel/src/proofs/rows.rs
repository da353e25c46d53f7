//! Events exactly as stored, in bulk: PostgreSQL's binary COPY, read without a copy of the texts.

use futures::TryStreamExt as _;
use proof::StoredEvent;
use sqlx::PgPool;
use sqlx::postgres::PgPoolCopyExt as _;
use uuid::Uuid;

use super::ProofError;

/// The columns in the order of [`StoredEvent`], and the hash.
pub(super) const COLUMNS: &str = "position, event_id, tenant_id, aggregate_type, aggregate_id, \
                                  sequence, event_type, event_version, recorded_at, metadata, \
                                  payload, hash";
/// Microseconds from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
const PG_EPOCH: i64 = 946_684_800_000_000;
/// Signature, flags, and length of the extension that a binary COPY begins with.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Gives every event of a range of positions to `each`, in order, with its stored hash.
pub(super) async fn read(
    pool: &PgPool,
    from: u64,
    to: u64,
    mut each: impl FnMut(&StoredEvent<'_>, &[u8]),
) -> Result<(), ProofError> {
    let statement = format!(
        "COPY (SELECT {COLUMNS} FROM events WHERE position BETWEEN {from} AND {to}
         ORDER BY position) TO STDOUT (FORMAT binary)"
    );
    let mut pieces = pool.copy_out_raw(&statement).await?;
    while let Some(piece) = pieces.try_next().await? {
        let mut input = Input(&piece);
        if piece.starts_with(SIGNATURE) {
            input.take(SIGNATURE.len() + 4).ok_or(ProofError::Row)?;
            let extension = input.number().ok_or(ProofError::Row)?;
            input.take(extension as usize).ok_or(ProofError::Row)?;
        }
        while !input.0.is_empty() {
            // Minus one field is the end of the data.
            if input.take(2).ok_or(ProofError::Row)? == [0xff, 0xff] {
                break;
            }
            let (event, hash) = input.row().ok_or(ProofError::Row)?;
            each(&event, hash);
        }
    }
    Ok(())
}

/// Bytes that are taken from the front.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn field(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length as usize)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.field()?).ok()
    }

    fn whole(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.field()?.try_into().ok()?))
    }

    fn row(&mut self) -> Option<(StoredEvent<'a>, &'a [u8])> {
        let event = StoredEvent {
            position: self.whole()?.cast_unsigned(),
            event_id: Uuid::from_slice(self.field()?).ok()?,
            tenant_id: self.text()?,
            aggregate_type: self.text()?,
            aggregate_id: self.text()?,
            sequence: self.whole()?.cast_unsigned(),
            event_type: self.text()?,
            event_version: self.text()?,
            recorded_at: self.whole()?.wrapping_add(PG_EPOCH),
            metadata: self.text()?,
            payload: self.text()?,
        };
        Some((event, self.field()?))
    }
}
