//! Carts and templates that dealers keep.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::cart::{Cart, CartEvent, CartKind, Kept};
use proto::order::v1 as pb;
use serde_json::json;

kernel::facts!(
    pub(crate) enum Keeping {
        Cart(Cart),
    }
);

const CARTS: Table = Table { name: "carts", key: &["tenant_id", "cart_id"] };

pub(crate) struct Carts;

impl Projection for Carts {
    const NAME: &'static str = "carts";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&CARTS];
    const SCHEMA: &'static str = include_str!("carts.sql");
    type Facts = Keeping;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        Keeping::Cart(event): Keeping,
    ) -> Result<(), ProjectError> {
        match event {
            CartEvent::CartSaved(kept) => save(db, recorded, &kept),
            CartEvent::CartDeleted { cart_id, .. } | CartEvent::CartSubmitted { cart_id, .. } => {
                db.delete(&CARTS, json!({ "tenant_id": recorded.tenant, "cart_id": cart_id }))
            }
        }
    }
}

fn save(db: &mut Db<'_>, recorded: &Recorded, kept: &Kept) -> Result<(), ProjectError> {
    let kind = match kept.kind {
        CartKind::Cart => pb::CartKind::Cart,
        CartKind::Template => pb::CartKind::Template,
    };
    let quantity: i64 = kept.lines.iter().map(|line| line.quantity.get()).sum();
    let row = json!({
        "tenant_id": recorded.tenant,
        "cart_id": kept.cart_id,
        "dealer_id": kept.dealer_id,
        "kind": i32::from(kind),
        "name": kept.name,
        "note": kept.note,
        "lines": kept.lines,
        "line_count": kept.lines.len(),
        "quantity": quantity,
        "saved_by": recorded.metadata.actor_id,
        "saved_at": recorded.recorded_at,
        "version": recorded.version,
    });
    db.upsert(&CARTS, row)
}
