//! An after-sale case: asked for, decided, goods taken back, settled, rated.

use kernel::Decider as _;
use kernel::spec::{given, given_nothing};
use order::after_sale::{
    AfterSale, AfterSaleCommand, AfterSaleEvent, AfterSaleRefusal, AfterSaleStatus, CaseLine,
    Cause, Payout, Requested, ReturnedLine, Settled, Settlement,
};
use order::rating::Rating;
use values::{AfterSaleId, Minor, Quantity};

use crate::world::{after, lines, product_id, submission, usd};

fn case(number: u32) -> AfterSaleId {
    format!("AS-{number:06}").parse().expect("a number")
}

fn requested() -> Requested {
    let line = |line_no, product, units, cause| CaseLine {
        line_no,
        product_id: product_id(product),
        quantity: Quantity::of(units),
        cause,
        note: String::new(),
    };
    Requested {
        after_sale_id: case(1),
        order_id: submission().order_id,
        dealer_id: submission().dealer_id,
        currency: usd(),
        wish: Settlement::Refund,
        lines: vec![line(1, "trail-1", 2, Cause::Quality), line(2, "race-2", 1, Cause::Short)],
        note: "前叉漏油".into(),
        at_receipt: false,
        status: AfterSaleStatus::Requested,
    }
}

fn asked() -> AfterSaleEvent {
    AfterSaleEvent::AfterSaleRequested(Box::new(requested()))
}

fn approved(goods_return: bool) -> AfterSaleEvent {
    let status =
        if goods_return { AfterSaleStatus::AwaitingReturn } else { AfterSaleStatus::ToSettle };
    let (after_sale_id, remark) = (case(1), "请寄回东区仓".to_owned());
    AfterSaleEvent::AfterSaleApproved { after_sale_id, goods_return, remark, status }
}

fn approve(goods_return: bool) -> AfterSaleCommand {
    AfterSaleCommand::Approve { goods_return, remark: "请寄回东区仓".into() }
}

fn back(line_no: u32, [sellable, scrap, rejected]: [u32; 3]) -> ReturnedLine {
    ReturnedLine {
        line_no,
        cause: Cause::Quality,
        sellable: Quantity::of(sellable),
        scrap: Quantity::of(scrap),
        rejected: Quantity::of(rejected),
    }
}

fn came(lines: Vec<ReturnedLine>, last: bool) -> AfterSaleCommand {
    let warehouse_id = "east".parse().expect("a warehouse");
    AfterSaleCommand::ReceiveReturn { warehouse_id, lines, last }
}

fn settled(settlement: Settlement, amount: i64) -> Box<Settled> {
    Box::new(Settled {
        after_sale_id: case(1),
        order_id: submission().order_id,
        dealer_id: submission().dealer_id,
        currency: usd(),
        settlement,
        lines: vec![],
        amount_minor: Minor(amount),
        payout: Payout::default(),
        replacement_order_id: None,
        remark: String::new(),
        status: AfterSaleStatus::Settled,
    })
}

fn status(case: &AfterSale) -> AfterSaleStatus {
    case.case().expect("there is one").status
}

fn ask(case: &mut AfterSale, command: AfterSaleCommand) -> Result<(), AfterSaleRefusal> {
    for event in case.decide(command)? {
        case.evolve(event);
    }
    Ok(())
}

#[test]
fn a_case_is_asked_for_once_and_decided_once() {
    let request = || AfterSaleCommand::Request(Box::new(requested()));
    given_nothing::<AfterSale>().when(request()).then([asked()]);
    given::<AfterSale>([asked()]).when(request()).then_refused(AfterSaleRefusal::AfterSaleExists);
    given_nothing::<AfterSale>()
        .when(approve(true))
        .then_refused(AfterSaleRefusal::AfterSaleNotFound);
    given::<AfterSale>([asked()]).when(approve(true)).then([approved(true)]);
    given::<AfterSale>([asked(), approved(true)])
        .when(approve(false))
        .then_refused(AfterSaleRefusal::AfterSaleDecided);
    let refused = AfterSaleEvent::AfterSaleRefused {
        after_sale_id: case(1),
        reason: "已过保".into(),
        status: AfterSaleStatus::Refused,
    };
    let refuse = || AfterSaleCommand::Refuse { reason: "已过保".into() };
    given::<AfterSale>([asked()]).when(refuse()).then([refused.clone()]);
    given::<AfterSale>([asked(), refused])
        .when(refuse())
        .then_refused(AfterSaleRefusal::AfterSaleDecided);
}

#[test]
fn a_dealer_calls_it_off_as_long_as_nothing_was_sent_back() {
    let withdraw = || AfterSaleCommand::Withdraw { reason: "修好了".into() };
    let withdrawn = AfterSaleEvent::AfterSaleWithdrawn {
        after_sale_id: case(1),
        reason: "修好了".into(),
        status: AfterSaleStatus::Withdrawn,
    };
    let on_its_way = AfterSaleEvent::ReturnShipped {
        after_sale_id: case(1),
        carrier: "顺丰".into(),
        tracking_number: "SF1".into(),
        status: AfterSaleStatus::InTransit,
    };
    given::<AfterSale>([asked(), approved(true)]).when(withdraw()).then([withdrawn]);
    given::<AfterSale>([asked(), approved(true), on_its_way])
        .when(withdraw())
        .then_refused(AfterSaleRefusal::CaseUnderWay);
}

#[test]
fn what_was_approved_without_goods_to_come_back_can_still_be_refused() {
    let refuse = || AfterSaleCommand::Refuse { reason: "批错了".into() };
    let mut it: AfterSale = after([asked(), approved(false)]);
    ask(&mut it, refuse()).expect("nothing is on its way");
    assert_eq!(status(&it), AfterSaleStatus::Refused);
    let mut it: AfterSale = after([asked(), approved(true)]);
    ask(&mut it, came(vec![], true)).expect("nothing more is expected");
    assert_eq!(ask(&mut it, refuse()), Err(AfterSaleRefusal::CaseUnderWay));
}

#[test]
fn goods_come_back_in_parts_and_what_is_accepted_is_settled() {
    let mut it: AfterSale = after([asked(), approved(true)]);
    let more = AfterSaleRefusal::MoreThanExpected { line_no: 1, open: Quantity::of(2) };
    assert_eq!(ask(&mut it, came(vec![back(1, [3, 0, 0])], false)), Err(more));
    let other = AfterSaleRefusal::LineNotInCase { line_no: 2 };
    assert_eq!(ask(&mut it, came(vec![back(2, [1, 0, 0])], false)), Err(other), "it never came");
    let twice = vec![back(1, [1, 0, 0]), back(1, [0, 1, 0])];
    let refused = AfterSaleRefusal::CaseLineTwice { line_no: 1 };
    assert_eq!(ask(&mut it, came(twice, false)), Err(refused));
    for nothing in [vec![], vec![back(1, [0, 0, 0])]] {
        assert_eq!(ask(&mut it, came(nothing, false)), Err(AfterSaleRefusal::NothingCame));
    }
    ask(&mut it, came(vec![back(1, [1, 0, 0])], false)).expect("taken back");
    assert_eq!(status(&it), AfterSaleStatus::PartlyReturned);
    let not_yet = AfterSaleCommand::Settle(settled(Settlement::Refund, 1));
    assert_eq!(ask(&mut it, not_yet), Err(AfterSaleRefusal::NotReadyToSettle));
    ask(&mut it, came(vec![back(1, [0, 0, 1])], false)).expect("taken back");
    assert_eq!(status(&it), AfterSaleStatus::ToSettle);
    let accepted = it.case().expect("there is one").accepted();
    assert_eq!(accepted, lines(&[(1, 1), (2, 1)]), "what never came counts as it is");
    let nothing = AfterSaleCommand::Settle(settled(Settlement::CreditNote, 0));
    assert_eq!(ask(&mut it, nothing), Err(AfterSaleRefusal::WorthNothing));
    ask(&mut it, AfterSaleCommand::Settle(settled(Settlement::Refund, 1))).expect("settled");
    let again = AfterSaleCommand::Settle(settled(Settlement::Refund, 1));
    assert_eq!(ask(&mut it, again), Err(AfterSaleRefusal::NotReadyToSettle));
}

#[test]
fn nothing_is_paid_for_goods_that_were_not_taken_back() {
    let mut requested = requested();
    requested.lines.truncate(1);
    let asked = AfterSaleEvent::AfterSaleRequested(Box::new(requested));
    let mut it: AfterSale = after([asked, approved(true)]);
    ask(&mut it, came(vec![], true)).expect("nothing more is expected");
    assert_eq!(status(&it), AfterSaleStatus::ToSettle);
    let refund = AfterSaleCommand::Settle(settled(Settlement::Refund, 1));
    assert_eq!(ask(&mut it, refund), Err(AfterSaleRefusal::NothingTakenBack));
    ask(&mut it, AfterSaleCommand::Settle(settled(Settlement::WriteOff, 0))).expect("settled");
}

#[test]
fn a_settled_case_is_rated_once() {
    let rate = || AfterSaleCommand::Rate(Rating { goods: 4, service: 5, comment: String::new() });
    let mut it: AfterSale = after([asked(), approved(false)]);
    assert_eq!(ask(&mut it, rate()), Err(AfterSaleRefusal::NotSettled));
    assert_eq!(ask(&mut it, came(vec![], true)), Err(AfterSaleRefusal::NoReturnExpected));
    ask(&mut it, AfterSaleCommand::Settle(settled(Settlement::Replacement, 0))).expect("settled");
    let rated = it.decide(rate()).expect("rated");
    assert!(matches!(&rated[..], [AfterSaleEvent::AfterSaleRated { .. }]));
    ask(&mut it, rate()).expect("rated");
    assert_eq!(ask(&mut it, rate()), Err(AfterSaleRefusal::CaseRated));
}
