//! Bills of payment service providers.

use kernel::spec::{given, given_nothing};
use order::bank_line::ReconciliationRefusal;
use order::payment::Provider;
use order::provider_bill::{
    BillDifference, BillTotals, DifferenceKind, ProviderBill, ProviderBillCommand,
    ProviderBillCompared, ProviderBillEvent, bill_id,
};
use values::Minor;

use crate::world::day;

fn differs(id: &str) -> BillDifference {
    BillDifference {
        difference_id: id.into(),
        kind: DifferenceKind::OnlyThere,
        is_refund: false,
        payment: "STRANGER000001".into(),
        refund: String::new(),
        transaction: "4200001".into(),
        there_minor: Some(Minor(500)),
        here_minor: None,
    }
}

fn compared(digest: &str, differences: &[&str], gone: &[&str]) -> Box<ProviderBillCompared> {
    let totals = BillTotals {
        paid_count: 2,
        paid_minor: Minor(9_300),
        refunded_count: 0,
        refunded_minor: Minor::ZERO,
    };
    Box::new(ProviderBillCompared {
        bill_id: bill_id(Provider::WechatPay, "1900000001", day("2026-11-26")),
        provider: Provider::WechatPay,
        merchant: "1900000001".into(),
        day: day("2026-11-26"),
        currency: "CNY".parse().expect("a currency"),
        there: totals,
        here: totals,
        fee_minor: Minor(56),
        digest: digest.into(),
        differences_count: u32::try_from(differences.len()).expect("few"),
        differences: differences.iter().map(|id| differs(id)).collect(),
        gone: gone.iter().map(|id| (*id).to_owned()).collect(),
        asked_by: None,
    })
}

fn compare(digest: &str, differences: &[&str]) -> ProviderBillCommand {
    ProviderBillCommand::Compare(compared(digest, differences, &[]))
}

fn fact(digest: &str, differences: &[&str], gone: &[&str]) -> ProviderBillEvent {
    ProviderBillEvent::ProviderBillCompared(compared(digest, differences, gone))
}

fn resolve(id: &str) -> ProviderBillCommand {
    ProviderBillCommand::Resolve { difference_id: id.into(), reason: "测试单".into() }
}

fn resolved(id: &str) -> ProviderBillEvent {
    ProviderBillEvent::BillDifferenceResolved {
        bill_id: bill_id(Provider::WechatPay, "1900000001", day("2026-11-26")),
        difference_id: id.into(),
        reason: "测试单".into(),
    }
}

#[test]
fn a_bill_is_compared_again_and_says_only_what_is_new() {
    given_nothing::<ProviderBill>().when(compare("a", &["d1"])).then([fact("a", &["d1"], &[])]);
    given::<ProviderBill>([fact("a", &["d1"], &[])]).when(compare("a", &["d1"])).then([]);
    given::<ProviderBill>([fact("a", &["d1", "d2"], &[])])
        .when(compare("b", &["d2", "d3"]))
        .then([fact("b", &["d2", "d3"], &["d1"])]);
}

#[test]
fn a_difference_is_resolved_once_and_stays_so_while_it_is_the_same() {
    let bill = || fact("a", &["d1", "d2"], &[]);
    given::<ProviderBill>([bill()]).when(resolve("d1")).then([resolved("d1")]);
    given::<ProviderBill>([bill(), resolved("d1")])
        .when(resolve("d1"))
        .then_refused(ReconciliationRefusal::DifferenceIsResolved);
    given::<ProviderBill>([bill()])
        .when(resolve("d3"))
        .then_refused(ReconciliationRefusal::DifferenceNotFound);
    given_nothing::<ProviderBill>()
        .when(resolve("d1"))
        .then_refused(ReconciliationRefusal::BillNotFound);
    given::<ProviderBill>([bill(), resolved("d1"), fact("b", &["d1"], &["d2"])])
        .when(resolve("d1"))
        .then_refused(ReconciliationRefusal::DifferenceIsResolved);
    // One that went and came back has to be looked at again.
    let (gone, back) = (fact("b", &["d2"], &["d1"]), fact("c", &["d1", "d2"], &[]));
    given::<ProviderBill>([bill(), resolved("d1"), gone, back])
        .when(resolve("d1"))
        .then([resolved("d1")]);
}

#[test]
fn a_bill_is_known_by_provider_merchant_and_day() {
    assert_eq!(
        bill_id(Provider::WechatPay, "1900000001", day("2026-11-26")),
        "WX-1900000001-20261126"
    );
    assert_eq!(bill_id(Provider::Alipay, "2088_1", day("2026-11-26")), "ALI-20881-20261126");
}
