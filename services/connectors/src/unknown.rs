//! What the books do not know yet of goods that left and came back here: documents that they have not,
//! and what came back in cases of which no document tells before they are settled.

use std::collections::{BTreeMap, BTreeSet};

use erp::{Body, Client, Kind, Stage};

use crate::documents::{Documents, Due};
use crate::making::{Draft, Made, MakeError, Maker};
use crate::stock::NotCompared;

/// What the books do not know yet.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    /// By which facts: where these are others, goods have moved.
    pub(crate) facts: BTreeSet<String>,
    /// How much more there is for it, by warehouse and product as the books call them.
    pub(crate) moved: BTreeMap<(String, String), i64>,
}

impl Unknown {
    /// What the books of a brand do not know now.
    pub(crate) async fn of(
        documents: &Documents,
        tenant: &str,
        client: &Client,
        maker: &Maker<'_>,
    ) -> Result<Self, NotCompared> {
        let mut unknown = Self::default();
        for due in documents.unsent(tenant).await? {
            if may_be_there(&due) && is_there(client, &due).await? {
                continue;
            }
            match kind(&due) {
                Kind::Return => {
                    let case = (due.tenant_id.as_str(), due.object_id.as_str());
                    unknown.come_back(maker, case, due.position).await?;
                }
                Kind::SalesOrder | Kind::Delivery | Kind::Receipt => {
                    unknown.leave(maker.make(&due).await?);
                }
            }
            unknown.facts.insert(due.number);
        }
        for case in documents.came_back(tenant).await? {
            let id = case.after_sale_id.as_str();
            unknown.come_back(maker, (tenant, id), case.position).await?;
            unknown.facts.insert(format!("{id}@{}", case.position));
        }
        Ok(unknown)
    }

    /// Goods that left.
    fn leave(&mut self, made: Made) {
        let Made::Document { drafts, .. } = made else { return };
        for Draft { document, .. } in drafts {
            let Body::Delivery { warehouse, .. } = &document.body else { continue };
            for line in document.lines() {
                let key = (warehouse.clone(), line.product.clone());
                *self.moved.entry(key).or_default() -= line.quantity.get();
            }
        }
    }

    /// Goods of a case that came back until a position.
    async fn come_back(
        &mut self,
        maker: &Maker<'_>,
        case: (&str, &str),
        until: i64,
    ) -> Result<(), MakeError> {
        for back in maker.back(case, until).await? {
            let key = (back.warehouse, back.product);
            *self.moved.entry(key).or_default() += back.quantity.get();
        }
        Ok(())
    }
}

/// Whether the books may have a document all the same: an answer to it was lost. What they refused they
/// have not audited.
fn may_be_there(due: &Due) -> bool {
    due.made_at.is_some() && due.status != "refused"
}

/// Whether the books count a document.
async fn is_there(client: &Client, due: &Due) -> Result<bool, NotCompared> {
    let biz_id = due.number.parse().map_err(|_| MakeError::Missing("its number"))?;
    let found = client.look_up(kind(due), &biz_id).await?;
    Ok(found.is_some_and(|it| it.stage.has_reached(Stage::Audited)))
}

fn kind(due: &Due) -> Kind {
    if due.kind == Kind::Return.as_ref() { Kind::Return } else { Kind::Delivery }
}
