//! Credit, money and payments of dealers.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::account::{Account, AccountEvent};
use order::credit::{CreditAccount, CreditEvent, Exposure, OrderCredit};
use order::order_rules::{OrderRules, OrderRulesEvent};
use order::remittance::{Purpose, Remittance, RemittanceEvent, Report};
use order::wallet::event::OrderFunds;
use order::wallet::{Balance, DebitCause, Purse, Source, Wallet, WalletEvent};
use proto::order::v1::{FundsAccount, FundsEntryKind, RemittancePurpose, RemittanceStatus};
use serde_json::{Value, json};
use values::{BusinessDate, Currency, DealerId, Minor};

kernel::facts!(
    pub(crate) enum Money {
        Account(Account),
        Credit(CreditAccount),
        Wallet(Wallet),
        Remittance(Remittance),
        Rules(OrderRules),
    }
);

const FUNDS: Table = Table { name: "dealer_funds", key: &["tenant_id", "dealer_id"] };
const LINES: Table = Table { name: "credit_lines", key: &["tenant_id", "dealer_id"] };
const GRANTS: Table = Table { name: "credit_grants", key: &["tenant_id", "dealer_id", "position"] };
const RECEIVABLES: Table =
    Table { name: "receivables", key: &["tenant_id", "dealer_id", "order_id", "due_on"] };
const ENTRIES: Table = Table { name: "funds_entries", key: &["tenant_id", "position"] };
const REMITTANCES: Table = Table { name: "remittances", key: &["tenant_id", "remittance_id"] };
const RULES: Table = Table { name: "order_rules", key: &["tenant_id"] };

pub(crate) struct Funds;

impl Projection for Funds {
    const NAME: &'static str = "funds";
    const VERSION: u32 = 2;
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] =
        &[&FUNDS, &LINES, &GRANTS, &RECEIVABLES, &ENTRIES, &REMITTANCES, &RULES];
    const SCHEMA: &'static str = include_str!("funds.sql");
    type Facts = Money;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        money: Money,
    ) -> Result<(), ProjectError> {
        let mut book = Book { db, recorded };
        match money {
            Money::Account(AccountEvent::CreditShared { dealer_id, of_dealer_id }) => {
                book.db.upsert(
                    &FUNDS,
                    json!({
                        "tenant_id": recorded.tenant,
                        "dealer_id": dealer_id,
                        "credit_of": of_dealer_id,
                    }),
                )
            }
            Money::Account(_) => Ok(()),
            Money::Credit(event) => book.credit(event),
            Money::Wallet(event) => book.wallet(event),
            Money::Remittance(event) => book.remittance(event),
            Money::Rules(OrderRulesEvent::OrderRulesSet(rules)) => book.db.upsert(
                &RULES,
                json!({
                    "tenant_id": recorded.tenant,
                    "rules": rules,
                    "version": recorded.version,
                }),
            ),
        }
    }
}

/// What is written for one fact.
struct Book<'a, 'b> {
    db: &'a mut Db<'b>,
    recorded: &'a Recorded,
}

impl Book<'_, '_> {
    fn credit(&mut self, event: CreditEvent) -> Result<(), ProjectError> {
        use FundsEntryKind as Kind;
        match event {
            CreditEvent::CreditLimitSet {
                dealer_id,
                currency,
                limit_minor,
                payment_days,
                reason,
            } => {
                let line = json!({
                    "currency_code": currency,
                    "limit_minor": limit_minor.0,
                    "payment_days": payment_days,
                });
                let row = self.row(&dealer_id, line);
                self.db.upsert(&LINES, row)?;
                let limit = json!({
                    "currency_code": currency, "limit_minor": limit_minor.0, "reason": reason,
                });
                self.entry(&dealer_id, FundsAccount::Credit, Kind::Limit, limit)
            }
            CreditEvent::TemporaryCreditGranted {
                dealer_id,
                currency,
                amount_minor,
                until,
                reason,
                ..
            } => {
                let added = json!({
                    "currency_code": currency, "limit_minor": amount_minor.0, "reason": reason,
                });
                self.granted(&dealer_id, amount_minor, until)?;
                self.entry(&dealer_id, FundsAccount::Credit, Kind::Temporary, added)
            }
            CreditEvent::TemporaryCreditEnded { dealer_id, reason } => {
                let of = json!({ "tenant_id": self.recorded.tenant, "dealer_id": dealer_id });
                self.db.delete(&GRANTS, of)?;
                self.line(&dealer_id, json!({}))?;
                let why = json!({ "reason": reason });
                self.entry(&dealer_id, FundsAccount::Credit, Kind::TemporaryEnd, why)
            }
            CreditEvent::CreditBlocked { dealer_id, reason } => {
                self.line(&dealer_id, json!({ "blocked_reason": reason }))?;
                let why = json!({ "reason": reason });
                self.entry(&dealer_id, FundsAccount::Credit, Kind::Block, why)
            }
            CreditEvent::CreditUnblocked { dealer_id, reason } => {
                self.line(&dealer_id, json!({ "blocked_reason": "" }))?;
                let why = json!({ "reason": reason });
                self.entry(&dealer_id, FundsAccount::Credit, Kind::Unblock, why)
            }
            CreditEvent::CreditReserved(it) => self.lent(&it, Kind::Hold, 0, 1),
            CreditEvent::CreditFreed(it) => self.lent(&it, Kind::Release, 0, -1),
            CreditEvent::CreditConsumed(it) => {
                self.owed(&it)?;
                self.lent(&it, Kind::Capture, 1, -1)
            }
            event @ (CreditEvent::CreditRepaid { .. } | CreditEvent::DebtReduced { .. }) => {
                self.repaid(event)
            }
        }
    }

    /// A limit is raised until a day.
    fn granted(
        &mut self,
        dealer_id: &DealerId,
        amount: Minor,
        until: BusinessDate,
    ) -> Result<(), ProjectError> {
        let row = json!({
            "tenant_id": self.recorded.tenant,
            "dealer_id": dealer_id,
            "position": self.recorded.position,
            "amount_minor": amount.0,
            "until": until,
        });
        self.db.insert(&GRANTS, row)?;
        self.line(dealer_id, json!({}))
    }

    /// What a line of credit is now.
    fn line(&mut self, dealer_id: &DealerId, columns: Value) -> Result<(), ProjectError> {
        let row = self.row(dealer_id, columns);
        self.db.update(&LINES, row)
    }

    fn row(&self, dealer_id: &DealerId, mut columns: Value) -> Value {
        columns["tenant_id"] = self.recorded.tenant.as_str().into();
        columns["dealer_id"] = dealer_id.as_str().into();
        columns["version"] = self.recorded.version.into();
        columns
    }

    fn exposed(&mut self, dealer_id: &DealerId, after: Exposure) -> Result<(), ProjectError> {
        self.line(
            dealer_id,
            json!({
                "reserved_minor": after.reserved_minor.0,
                "receivable_minor": after.receivable_minor.0,
            }),
        )
    }

    fn lent(
        &mut self,
        it: &OrderCredit,
        kind: FundsEntryKind,
        owed: i64,
        kept: i64,
    ) -> Result<(), ProjectError> {
        self.exposed(&it.dealer_id, it.after)?;
        let other = Some(&it.order_dealer_id).filter(|other| **other != it.dealer_id);
        let entry = json!({
            "currency_code": it.currency,
            "change_minor": owed * it.amount_minor.0,
            "held_change_minor": kept * it.amount_minor.0,
            "balance_minor": it.after.receivable_minor.0,
            "held_minor": it.after.reserved_minor.0,
            "order_id": it.order_id,
            "of_dealer_id": other.map(DealerId::as_str).unwrap_or_default(),
        });
        self.entry(&it.dealer_id, FundsAccount::Credit, kind, entry)
    }

    fn owed(&mut self, it: &OrderCredit) -> Result<(), ProjectError> {
        let key = |mut columns: Value| {
            columns["tenant_id"] = self.recorded.tenant.as_str().into();
            columns["dealer_id"] = it.dealer_id.as_str().into();
            columns["order_id"] = it.order_id.as_str().into();
            columns["due_on"] = json!(it.due_on);
            columns
        };
        // Two deliveries of one day are owed together.
        let row = key(json!({
            "order_dealer_id": it.order_dealer_id, "currency_code": it.currency,
        }));
        let more = key(json!({
            "amount_minor": it.amount_minor.0, "open_minor": it.amount_minor.0,
        }));
        self.db.upsert(&RECEIVABLES, row)?;
        self.db.add(&RECEIVABLES, more)
    }

    fn repaid(&mut self, event: CreditEvent) -> Result<(), ProjectError> {
        let (dealer_id, payer, kind, paid, mut entry, after) = if let CreditEvent::CreditRepaid {
            dealer_id,
            payer_dealer_id,
            remittance_id,
            bank_reference,
            currency,
            amount_minor,
            paid,
            after,
        } = event
        {
            let entry = json!({
                "currency_code": currency,
                "change_minor": -amount_minor.0,
                "remittance_id": remittance_id,
                "reason": bank_reference,
            });
            (dealer_id, payer_dealer_id, FundsEntryKind::Repayment, paid, entry, after)
        } else if let CreditEvent::DebtReduced {
            dealer_id,
            order_dealer_id,
            order_id,
            after_sale_id,
            currency,
            amount_minor,
            paid,
            after,
        } = event
        {
            let entry = json!({
                "currency_code": currency,
                "change_minor": -amount_minor.0,
                "order_id": order_id,
                "reason": after_sale_id,
            });
            (dealer_id, order_dealer_id, FundsEntryKind::Refund, paid, entry, after)
        } else {
            return Ok(());
        };
        self.exposed(&dealer_id, after)?;
        for part in paid {
            let row = json!({
                "tenant_id": self.recorded.tenant,
                "dealer_id": dealer_id,
                "order_id": part.order_id,
                "due_on": part.due_on,
                "open_minor": -part.amount_minor.0,
            });
            self.db.add(&RECEIVABLES, row)?;
        }
        let other = Some(&payer).filter(|other| **other != dealer_id);
        entry["balance_minor"] = after.receivable_minor.0.into();
        entry["held_minor"] = after.reserved_minor.0.into();
        entry["of_dealer_id"] = other.map(DealerId::as_str).unwrap_or_default().into();
        self.entry(&dealer_id, FundsAccount::Credit, kind, entry)
    }

    fn wallet(&mut self, event: WalletEvent) -> Result<(), ProjectError> {
        use FundsEntryKind as Kind;
        match event {
            WalletEvent::FundsCredited {
                dealer_id,
                purse,
                currency,
                amount_minor,
                source,
                after,
            } => {
                let (kind, from) = match source {
                    Source::TopUp { remittance_id, bank_reference } => (
                        Kind::TopUp,
                        json!({ "remittance_id": remittance_id, "reason": bank_reference }),
                    ),
                    Source::Grant { reason } => (Kind::Grant, json!({ "reason": reason })),
                };
                let change = Change { amount: amount_minor, there: 1, kept: 0 };
                self.moved((&dealer_id, purse, &currency), kind, change, after, from)
            }
            WalletEvent::FundsDebited {
                dealer_id,
                purse,
                currency,
                amount_minor,
                cause,
                reason,
                after,
            } => {
                let kind = match cause {
                    DebitCause::Deduction => Kind::Deduction,
                    DebitCause::PayBack => Kind::PayBack,
                };
                let change = Change { amount: amount_minor, there: -1, kept: 0 };
                let why = json!({ "reason": reason });
                self.moved((&dealer_id, purse, &currency), kind, change, after, why)
            }
            WalletEvent::FundsRefunded {
                dealer_id,
                after_sale_id,
                order_id,
                purse,
                currency,
                amount_minor,
                after,
            } => {
                let change = Change { amount: amount_minor, there: 1, kept: 0 };
                let case = json!({ "order_id": order_id, "reason": after_sale_id });
                self.moved((&dealer_id, purse, &currency), Kind::Refund, change, after, case)
            }
            WalletEvent::FundsHeld(it) => self.followed(&it, Kind::Hold, 0, 1),
            WalletEvent::FundsReleased(it) => self.followed(&it, Kind::Release, 0, -1),
            WalletEvent::FundsCaptured(it) => self.followed(&it, Kind::Capture, -1, -1),
        }
    }

    fn followed(
        &mut self,
        it: &OrderFunds,
        kind: FundsEntryKind,
        there: i64,
        kept: i64,
    ) -> Result<(), ProjectError> {
        let change = Change { amount: it.amount_minor, there, kept };
        let order = json!({ "order_id": it.order_id });
        self.moved((&it.dealer_id, it.purse, &it.currency), kind, change, it.after, order)
    }

    fn moved(
        &mut self,
        (dealer_id, purse, currency): (&DealerId, Purse, &Currency),
        kind: FundsEntryKind,
        change: Change,
        after: Balance,
        mut entry: Value,
    ) -> Result<(), ProjectError> {
        let (account, balance, held) = match purse {
            Purse::Prepaid => (FundsAccount::Prepaid, "prepaid_minor", "prepaid_held_minor"),
            Purse::Rebate => (FundsAccount::Rebate, "rebate_minor", "rebate_held_minor"),
        };
        let row = json!({
            "tenant_id": self.recorded.tenant,
            "dealer_id": dealer_id,
            "currency_code": currency,
            balance: after.balance_minor.0,
            held: after.held_minor.0,
        });
        self.db.upsert(&FUNDS, row)?;
        entry["currency_code"] = currency.as_str().into();
        entry["change_minor"] = (change.there * change.amount.0).into();
        entry["held_change_minor"] = (change.kept * change.amount.0).into();
        entry["balance_minor"] = after.balance_minor.0.into();
        entry["held_minor"] = after.held_minor.0.into();
        self.entry(dealer_id, account, kind, entry)
    }

    fn entry(
        &mut self,
        dealer_id: &DealerId,
        account: FundsAccount,
        kind: FundsEntryKind,
        mut entry: Value,
    ) -> Result<(), ProjectError> {
        entry["tenant_id"] = self.recorded.tenant.as_str().into();
        entry["position"] = self.recorded.position.into();
        entry["dealer_id"] = dealer_id.as_str().into();
        entry["account"] = i32::from(account).into();
        entry["kind"] = i32::from(kind).into();
        entry["occurred_at"] = json!(self.recorded.recorded_at);
        self.db.insert(&ENTRIES, entry)
    }

    fn remittance(&mut self, event: RemittanceEvent) -> Result<(), ProjectError> {
        let recorded = self.recorded;
        let decided = |status: RemittanceStatus| {
            json!({
                "tenant_id": recorded.tenant,
                "remittance_id": recorded.object_id,
                "status": i32::from(status),
                "decided_by": recorded.metadata.actor_id,
                "decided_at": recorded.recorded_at,
                "version": recorded.version,
            })
        };
        match event {
            RemittanceEvent::RemittanceReported(report) => {
                self.db.insert(&REMITTANCES, reported(recorded, &report))
            }
            RemittanceEvent::RemittanceConfirmed { received_minor, bank_reference, .. } => {
                let mut row = decided(RemittanceStatus::Confirmed);
                row["received_minor"] = received_minor.0.into();
                row["bank_reference"] = bank_reference.into();
                self.db.update(&REMITTANCES, row)
            }
            RemittanceEvent::RemittanceRejected { reason, .. } => {
                let mut row = decided(RemittanceStatus::Rejected);
                row["reason"] = reason.into();
                self.db.update(&REMITTANCES, row)
            }
        }
    }
}

/// How much moves, and which way: what is there, what is kept for orders.
#[derive(Clone, Copy)]
struct Change {
    amount: Minor,
    there: i64,
    kept: i64,
}

fn reported(recorded: &Recorded, report: &Report) -> Value {
    let purpose = match report.purpose {
        Purpose::TopUp => RemittancePurpose::TopUp,
        Purpose::Repayment => RemittancePurpose::Repayment,
    };
    json!({
        "tenant_id": recorded.tenant,
        "remittance_id": report.remittance_id,
        "dealer_id": report.dealer_id,
        "purpose": i32::from(purpose),
        "status": i32::from(RemittanceStatus::Reported),
        "currency_code": report.currency,
        "amount_minor": report.amount_minor.0,
        "paid_on": report.paid_on,
        "bank_reference": report.bank_reference,
        "note": report.note,
        "reported_by": recorded.metadata.actor_id,
        "reported_at": recorded.recorded_at,
        "version": recorded.version,
    })
}
