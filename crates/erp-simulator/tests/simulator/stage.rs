//! A simulator that runs, and documents for it.

use std::time::Duration;

use erp::{
    Answer, BizId, Body, Client, Contract, Document, Kind, KingdeeAuth, Line, Stage as Until,
    System,
};
use erp_simulator::{Fault, Held, Misbehaviour, Simulator};
use http::{Method, Request, Response};
use kernel::outbound::{Outbound, Reach};
use tokio_util::sync::{CancellationToken, DropGuard};
use values::{Minor, Quantity};

/// Both.
pub(super) const SYSTEMS: [System; 2] = [System::Kingdee, System::Yonyou];
/// All.
pub(super) const KINDS: [Kind; 4] = [Kind::SalesOrder, Kind::Delivery, Kind::Return, Kind::Receipt];
/// How long a client waits.
pub(super) const PATIENCE: Duration = Duration::from_millis(400);
/// How long a slow answer takes: longer.
pub(super) const WHILE_MS: u64 = 600;
/// How often a worker of these tests tries.
const TIMES: usize = 40;

pub(super) struct Stage {
    pub(super) simulator: Simulator,
    _stop: DropGuard,
}

pub(super) fn outbound() -> Outbound {
    Outbound::new(Reach::Private, None).expect("roots")
}

impl Stage {
    pub(super) async fn start() -> Self {
        let stop = CancellationToken::new();
        let listen = "127.0.0.1:0".parse().expect("an address");
        let simulator = Simulator::start(listen, stop.clone()).await.expect("it starts");
        Self { simulator, _stop: stop.drop_guard() }
    }

    pub(super) fn client(&self, system: System) -> Client {
        self.client_of(self.simulator.contract(system))
    }

    /// One that does not wait for what is slow.
    pub(super) fn impatient(&self, system: System) -> Client {
        let contract = self.simulator.contract(system);
        Client::new(contract, outbound().within(PATIENCE)).expect("a client")
    }

    pub(super) fn client_of(&self, contract: Contract) -> Client {
        Client::new(contract, outbound()).expect("a client")
    }

    /// One that brings documents so far.
    pub(super) fn client_until(&self, system: System, until: Until) -> Client {
        let mut contract = self.simulator.contract(system);
        match &mut contract {
            Contract::Kingdee(it) => it.until = until,
            Contract::Yonyou(it) => it.until = until,
        }
        self.client_of(contract)
    }

    /// One that signs each call to 金蝶云星空.
    pub(super) fn signing_client(&self) -> Client {
        let mut contract = self.simulator.contract(System::Kingdee);
        if let Contract::Kingdee(it) = &mut contract {
            it.auth = KingdeeAuth::Signed;
        }
        self.client_of(contract)
    }

    /// From now on, calls go wrong like this, one after the other.
    pub(super) fn faults(&self, next: impl IntoIterator<Item = Fault>) {
        let next = next.into_iter().collect();
        let while_ms = WHILE_MS;
        self.simulator.misbehave(Misbehaviour { next, while_ms, ..Default::default() });
    }

    /// The documents of a number.
    pub(super) fn held(&self, biz_id: &BizId) -> Vec<Held> {
        let documents = self.simulator.received().documents;
        documents.into_iter().filter(|held| held.biz_id == biz_id.as_str()).collect()
    }

    /// The one document of a number.
    pub(super) fn one(&self, biz_id: &BizId) -> Held {
        let mut held = self.held(biz_id);
        assert_eq!(held.len(), 1, "{biz_id} is there {} times", held.len());
        held.remove(0)
    }

    /// Asks the simulator itself.
    pub(super) async fn ask(&self, method: Method, path: &str, body: &str) -> Response<Vec<u8>> {
        let address = format!("{}{path}", self.simulator.base_url());
        let request = Request::builder().method(method).uri(address);
        let request = request.header("content-type", "application/json");
        let request = request.body(body.as_bytes().to_vec()).expect("a request");
        outbound().ask(request).await.expect("an answer")
    }
}

/// A document of a kind, with gifts and a line that does not divide well.
pub(super) fn document(kind: Kind, position: u64) -> Document {
    let line = |product: &str, quantity, amount, tax_percent| Line {
        product: product.to_owned(),
        unit: "Pcs".to_owned(),
        quantity: Quantity::of(quantity),
        amount: Minor(amount),
        tax_percent,
    };
    let lines =
        vec![line("P-001", 24, 8_888, 13), line("P-002", 7, 10_000, 9), line("P-001", 2, 0, 13)];
    let (order, warehouse) = (Some("QD-SO-000000000001".to_owned()), "WH-01".to_owned());
    let body = match kind {
        Kind::SalesOrder => Body::SalesOrder { lines },
        Kind::Delivery => Body::Delivery { order, warehouse, lines },
        Kind::Return => Body::Return { order, warehouse, lines },
        Kind::Receipt => Body::Receipt {
            amount: Minor(18_888),
            account: Some("6222020200112233".to_owned()),
            reference: "4200002026112700000001".to_owned(),
        },
    };
    Document {
        biz_id: BizId::at(kind, position),
        day: "2026-11-27".parse().expect("a day"),
        customer: "C-001".to_owned(),
        currency: "CNY".parse().expect("a currency"),
        note: "来自渠道 \"O'Hara\"".to_owned(),
        body,
    }
}

/// The number that it was accepted with.
#[track_caller]
pub(super) fn accepted(answer: Answer) -> String {
    let Answer::Accepted { number } = answer else { panic!("{answer:?}") };
    number
}

/// Code, words, and whether it stays so.
#[track_caller]
pub(super) fn refused(answer: Answer) -> (String, String, bool) {
    let Answer::Refused { code, text, permanent } = answer else { panic!("{answer:?}") };
    (code, text, permanent)
}

/// Hands a document over as a worker does: until it is accepted. Permanent refusals are handed over
/// again, too, as a person would who thinks better of it.
pub(super) async fn insist(client: &Client, document: &Document) -> String {
    let mut answers = Vec::new();
    for _ in 0..TIMES {
        let answer = client.hand_over(document).await;
        if let Answer::Accepted { number } = answer {
            return number;
        }
        answers.push(answer);
    }
    panic!("never accepted: {answers:?}");
}
