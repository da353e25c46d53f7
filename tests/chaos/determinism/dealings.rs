//! What dealers and warehouses have to do with orders, as far as it got.

use kernel::log::Log;
use serde_json::json;

use super::{fact, follows};

/// Some of everything.
pub(super) async fn all(log: &Log, rounds: u64) {
    funds(log, rounds).await;
    shipments(log, rounds).await;
    after_sales(log, rounds).await;
    statements(log, rounds).await;
}

/// Credit and money of dealers, what orders take of them and of stock, and money that dealers send.
async fn funds(log: &Log, rounds: u64) {
    let set = example!("order/order_rules/examples/OrderRulesSet");
    fact(log, "order_rules", "order-rules", set, json!({})).await;
    let steps = [
        example!("order/connection/examples/ConnectionSet"),
        example!("order/connection/examples/CodesMapped"),
        example!("order/connection/examples/ConnectionPaused"),
        example!("order/connection/examples/ConnectionResumed"),
    ];
    for (version, step) in (0..).zip(steps) {
        follows(log, ("connection", "erp", version), step, json!({})).await;
    }
    for n in 0..rounds / 4 {
        let dealer = format!("d{n}");
        let mine = json!({ "dealer_id": dealer });
        let steps = [
            example!("order/credit_account/examples/CreditLimitSet"),
            example!("order/credit_account/examples/CreditReserved"),
            example!("order/credit_account/examples/CreditConsumed"),
            example!("order/credit_account/examples/CreditRepaid"),
            example!("order/credit_account/examples/TemporaryCreditGranted"),
            example!("order/credit_account/examples/CreditBlocked"),
        ];
        for (version, step) in (0..).zip(steps).take((n % 4 + 3).try_into().unwrap()) {
            follows(log, ("credit_account", &dealer, version), step, mine.clone()).await;
        }
        let steps = [
            example!("order/wallet/examples/FundsCredited"),
            example!("order/wallet/examples/FundsHeld"),
            example!("order/wallet/examples/FundsCaptured"),
        ];
        for (version, step) in (0..).zip(steps) {
            follows(log, ("wallet", &dealer, version), step, mine.clone()).await;
        }
        let product = format!("s{n}");
        let mine = json!({ "product_id": product });
        let steps = [
            example!("order/stock_item/examples/StockCounted"),
            example!("order/stock_item/examples/StockReceived"),
            example!("order/stock_item/examples/StockReserved"),
            example!("order/stock_item/examples/BackOrderQueued"),
            example!("order/stock_item/examples/StockExpected"),
            example!("order/stock_item/examples/BackOrderGivenUp"),
            example!("order/stock_item/examples/BackOrderFilled"),
            example!("order/stock_item/examples/StockShipped"),
            example!("order/stock_item/examples/StockEnded"),
        ];
        for (version, step) in (0..).zip(steps).take((n % 9 + 1).try_into().unwrap()) {
            follows(log, ("stock_item", &product, version), step, mine.clone()).await;
        }
        reconciled(log, n, &dealer).await;
        let number = format!("PM20261126{n:04}");
        let paid = json!({ "payment_id": number, "dealer_id": dealer });
        let steps = [
            example!("order/payment/examples/PaymentStarted"),
            example!("order/payment/examples/PaymentPresented"),
            example!("order/payment/examples/PaymentCaptured"),
            example!("order/payment/examples/RefundRequested"),
            example!("order/payment/examples/RefundCompleted"),
        ];
        for (version, step) in (0..).zip(steps).take((n % 5 + 1).try_into().unwrap()) {
            follows(log, ("payment", &number, version), step, paid.clone()).await;
        }
        cart(log, n, &dealer).await;
    }
}

/// After-sale cases, as far as they have got.
async fn after_sales(log: &Log, rounds: u64) {
    for n in 0..rounds / 4 {
        let number = format!("AS-{n}");
        let asked = json!({ "after_sale_id": number, "order_id": format!("SO-{n}") });
        let mut steps = vec![
            example!("order/after_sale/examples/AfterSaleRequested"),
            example!("order/after_sale/examples/AfterSaleApproved"),
            example!("order/after_sale/examples/ReturnShipped"),
            example!("order/after_sale/examples/ReturnReceived"),
            example!("order/after_sale/examples/AfterSaleSettled"),
            example!("order/after_sale/examples/AfterSaleRated"),
        ];
        match n % 4 {
            0 => steps[1] = example!("order/after_sale/examples/AfterSaleRefused"),
            1 => steps[2] = example!("order/after_sale/examples/AfterSaleWithdrawn"),
            _ => (),
        }
        let far = match n % 4 {
            0 => 2,
            1 => 3,
            _ => (n % 6 + 1).try_into().unwrap(),
        };
        for (version, step) in (0..).zip(steps).take(far) {
            follows(log, ("after_sale", &number, version), step, asked.clone()).await;
        }
    }
}

/// Shipments of orders, as far as they have got.
async fn shipments(log: &Log, rounds: u64) {
    for n in 0..rounds / 4 {
        let number = format!("SO-{n}-1");
        let sent = json!({ "shipment_id": number, "order_id": format!("SO-{n}") });
        let steps = [
            example!("order/shipment/examples/ShipmentReleased"),
            example!("order/shipment/examples/ShipmentAcknowledged"),
            example!("order/shipment/examples/ShipmentShipped"),
            example!("order/shipment/examples/ShipmentHandedBack"),
            example!("order/shipment/examples/ShipmentWithdrawn"),
        ];
        for (version, step) in (0..).zip(steps).take((n % 5 + 1).try_into().unwrap()) {
            follows(log, ("shipment", &number, version), step, sent.clone()).await;
        }
    }
}

/// Statements of accounts of dealers, as far as they have got.
async fn statements(log: &Log, rounds: u64) {
    for n in 0..rounds / 4 {
        let (number, dealer) = (format!("ST-{n}"), format!("d{n}"));
        let mine = json!({ "statement_id": number, "dealer_id": dealer });
        let mut steps = vec![
            example!("order/statement/examples/StatementMade"),
            example!("order/statement/examples/StatementSent"),
            example!("order/statement/examples/StatementDisputed"),
            example!("order/statement/examples/DisputeRejected"),
            example!("order/statement/examples/StatementAgreed"),
        ];
        match n % 3 {
            0 => steps[3] = example!("order/statement/examples/DisputeAccepted"),
            1 => steps[4] = example!("order/statement/examples/StatementReplaced"),
            _ if n % 5 == 1 => steps[1] = example!("order/statement/examples/StatementDiscarded"),
            _ => (),
        }
        for (version, step) in (0..).zip(steps).take((n % 5 + 1).try_into().unwrap()) {
            follows(log, ("statement", &number, version), step, mine.clone()).await;
        }
        let chain = format!("{dealer}-prepaid-USD");
        let steps = [
            example!("order/statement_chain/examples/StatementChained"),
            example!("order/statement_chain/examples/StatementUnchained"),
        ];
        let mine = json!({ "dealer_id": dealer });
        for (version, step) in (0..).zip(steps).take((n % 2 + 1).try_into().unwrap()) {
            follows(log, ("statement_chain", &chain, version), step, mine.clone()).await;
        }
    }
}

/// A cart of a dealer, that ends as carts do.
async fn cart(log: &Log, n: u64, dealer: &str) {
    let number = format!("CT-{n}");
    let kept = json!({ "cart_id": number, "dealer_id": dealer });
    let end = match n % 2 {
        0 => example!("order/cart/examples/CartSubmitted"),
        _ => example!("order/cart/examples/CartDeleted"),
    };
    let steps = [example!("order/cart/examples/CartSaved"), end];
    for (version, step) in (0..).zip(steps).take((n % 3 + 1).try_into().unwrap()) {
        follows(log, ("cart", &number, version), step, kept.clone()).await;
    }
}

/// Money that a dealer sent, a line of a bank's statement with its reference, and the bill of a day.
async fn reconciled(log: &Log, n: u64, dealer: &str) {
    let number = format!("RM-{n}");
    let sent = json!({ "remittance_id": number, "dealer_id": dealer });
    let steps = [
        example!("order/remittance/examples/RemittanceReported"),
        example!("order/remittance/examples/RemittanceConfirmed"),
    ];
    for (version, step) in (0..).zip(steps).take((n % 2 + 1).try_into().unwrap()) {
        follows(log, ("remittance", &number, version), step, sent.clone()).await;
    }
    let (line, bill) = (format!("BL-{n}"), format!("WX-{n}-20261126"));
    let mine = json!({ "line_id": line, "dealer_id": dealer, "remittance_id": format!("RM-{n}") });
    let steps = [
        example!("order/bank_line/examples/BankLineImported"),
        example!("order/bank_line/examples/BankLineSetAside"),
        example!("order/bank_line/examples/BankLineReopened"),
        example!("order/bank_line/examples/BankLineDiffered"),
        example!("order/bank_line/examples/BankLineProposed"),
        example!("order/bank_line/examples/BankLineMatched"),
    ];
    for (version, step) in (0..).zip(steps).take((n % 6 + 1).try_into().unwrap()) {
        follows(log, ("bank_line", &line, version), step, mine.clone()).await;
    }
    let mine = json!({ "line_id": line, "remittance_id": format!("RM-{n}") });
    let steps = [
        example!("order/bank_reference/examples/BankReferenceReported"),
        example!("order/bank_reference/examples/BankReferenceBooked"),
        example!("order/bank_reference/examples/BankReferenceUsed"),
        example!("order/bank_reference/examples/BankReferenceMatched"),
    ];
    for (version, step) in (0..).zip(steps).take((n % 4 + 1).try_into().unwrap()) {
        follows(log, ("bank_reference", &format!("reference-{n}"), version), step, mine.clone())
            .await;
    }
    let mine = json!({ "bill_id": bill });
    let steps = [
        example!("order/provider_bill/examples/ProviderBillCompared"),
        example!("order/provider_bill/examples/BillDifferenceResolved"),
    ];
    for (version, step) in (0..).zip(steps).take((n % 2 + 1).try_into().unwrap()) {
        follows(log, ("provider_bill", &bill, version), step, mine.clone()).await;
    }
}
