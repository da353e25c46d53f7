//! What a simulator remembers: documents, stock, who may call, and calls.

use std::collections::{HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};
use erp::{Kind, Stage, System};
use kernel::clock;
use serde::Serialize;
use values::Minor;

use crate::catalogue;

/// Calls that are remembered.
const CALLS: usize = 500;

/// A document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Where.
    pub system: System,
    /// Which kind.
    pub kind: Kind,
    /// The system's own key of it.
    pub id: u64,
    /// The number that people find it by.
    pub number: String,
    /// Who wrote it calls it so.
    pub biz_id: String,
    /// The customer's code.
    pub customer: String,
    /// The day it counts on.
    pub day: String,
    /// What it is about in all, in minor units.
    pub total: Minor,
    /// Where goods leave or come to; empty when none do.
    pub warehouse: String,
    /// What it is about.
    pub lines: Vec<HeldLine>,
    /// How far it is.
    pub stage: Stage,
    /// Since when.
    pub came_at: DateTime<Utc>,
}

/// Goods of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldLine {
    /// The product's code.
    pub product: String,
    /// How many base units.
    pub quantity: i64,
    /// What all of them cost, tax included, in minor units.
    pub amount: Minor,
}

/// A call, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// When.
    pub at: DateTime<Utc>,
    /// Of which system.
    pub system: System,
    /// What was asked.
    pub what: String,
    /// What went wrong on demand, or why it was refused; empty when all went well.
    pub fault: String,
}

/// Everything that arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Received {
    /// All documents, the oldest first.
    pub documents: Vec<Held>,
    /// The last calls, the oldest first.
    pub calls: VecDeque<Call>,
}

/// Why a document is not taken, in the words of either system.
pub(crate) struct Refusal {
    /// Which field.
    pub(crate) field: &'static str,
    /// What is wrong with it.
    pub(crate) text: String,
}

/// Everything.
#[derive(Default)]
pub(crate) struct Books {
    pub(crate) received: Received,
    pub(crate) sessions: HashSet<String>,
    pub(crate) tokens: HashSet<String>,
    /// Keys of documents that YonBIP was given a key for, and whether it still has the result.
    pub(crate) results: HashMap<(String, String), (u64, bool)>,
    stock: HashMap<(String, String), i64>,
}

impl Refusal {
    pub(crate) fn new(field: &'static str, text: impl Into<String>) -> Self {
        Self { field, text: text.into() }
    }
}

impl Books {
    pub(crate) fn new() -> Self {
        let stock = catalogue::stock();
        Self { stock, ..Self::default() }
    }

    pub(crate) fn note(&mut self, system: System, what: String, fault: String) {
        let calls = &mut self.received.calls;
        if calls.len() == CALLS {
            calls.pop_front();
        }
        calls.push_back(Call { at: clock::now(), system, what, fault });
    }

    pub(crate) fn on_hand(&self, warehouse: &str, product: &str) -> i64 {
        self.stock.get(&(warehouse.to_owned(), product.to_owned())).copied().unwrap_or_default()
    }

    /// Documents of a kind.
    pub(crate) fn all(&self, system: System, kind: Kind) -> impl Iterator<Item = &Held> {
        let all = self.received.documents.iter();
        all.filter(move |held| held.system == system && held.kind == kind)
    }

    pub(crate) fn find(
        &mut self,
        system: System,
        kind: Kind,
        is: impl Fn(&Held) -> bool,
    ) -> Option<&mut Held> {
        let mut all = self.received.documents.iter_mut();
        all.find(|held| held.system == system && held.kind == kind && is(held))
    }

    /// Takes a document whose number stands nowhere yet, or any, and gives it a key.
    pub(crate) fn take(&mut self, held: Held, is_lax: bool) -> Result<Held, Refusal> {
        let (number, biz_id) = (held.number.clone(), held.biz_id.clone());
        if is_lax {
            return Ok(self.keep(held));
        }
        if self.find(held.system, held.kind, |it| it.number == number).is_some() {
            let text = format!("违反字段唯一性要求：编码唯一。[{number}]在当前系统中已经被使用。");
            return Err(Refusal::new("FBillNo", text));
        }
        if self.find(held.system, held.kind, |it| it.biz_id == biz_id).is_some() {
            let text = format!("违反字段唯一性要求：[{biz_id}]在当前系统中已经被使用。");
            return Err(Refusal::new("biz_id", text));
        }
        Ok(self.keep(held))
    }

    fn keep(&mut self, mut held: Held) -> Held {
        held.id = 100_001 + self.received.documents.len() as u64;
        self.received.documents.push(held.clone());
        held
    }

    /// Submits a document that was saved.
    pub(crate) fn submit(
        &mut self,
        system: System,
        kind: Kind,
        is: impl Fn(&Held) -> bool,
    ) -> Result<Held, Refusal> {
        let held = self.find(system, kind, is);
        let held = held.ok_or_else(|| Refusal::new("Number", "单据不存在"))?;
        if held.stage != Stage::Saved {
            return Err(Refusal::new("Status", "只有已保存的单据才能提交"));
        }
        held.stage = Stage::Submitted;
        Ok(held.clone())
    }

    /// Audits a document that was submitted: its goods leave, or are there.
    pub(crate) fn audit(
        &mut self,
        system: System,
        kind: Kind,
        is: impl Fn(&Held) -> bool,
    ) -> Result<Held, Refusal> {
        let held = self.find(system, kind, is);
        let mut held = held.ok_or_else(|| Refusal::new("Number", "单据不存在"))?.clone();
        if held.stage != Stage::Submitted {
            return Err(Refusal::new("Status", "只有已提交的单据才能审核"));
        }
        let direction = match kind {
            Kind::Delivery => -1,
            Kind::Return => 1,
            Kind::SalesOrder | Kind::Receipt => 0,
        };
        let mut moved: HashMap<&str, i64> = HashMap::new();
        for line in &held.lines {
            *moved.entry(&line.product).or_default() += direction * line.quantity;
        }
        let short = moved
            .iter()
            .find(|(product, by)| **by < 0 && self.on_hand(&held.warehouse, product) + **by < 0);
        if let Some((product, _)) = short {
            return Err(Refusal::new("FRealQty", format!("物料 {product} 即时库存不足")));
        }
        for (product, by) in moved {
            let key = (held.warehouse.clone(), product.to_owned());
            *self.stock.entry(key).or_default() += by;
        }
        held.stage = Stage::Audited;
        let id = held.id;
        if let Some(kept) = self.find(system, kind, |it| it.id == id) {
            kept.stage = Stage::Audited;
        }
        Ok(held)
    }

    pub(crate) fn take_over(&mut self, number: &str) {
        let documents = self.received.documents.iter_mut();
        for held in documents.filter(|held| held.number == number) {
            held.stage = Stage::TakenOver;
        }
    }

    pub(crate) fn expire(&mut self) {
        self.sessions.clear();
        self.tokens.clear();
    }
}
