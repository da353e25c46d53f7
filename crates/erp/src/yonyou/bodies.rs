//! Documents as YonBIP wants them. Names of fields are those of its documents of the interfaces, of
//! which each has its own way: codes stand where keys do, or in fields that end in `_code`; and `!`
//! is a part of some names. They write numbers as numbers, and its own scripts also as texts; here
//! they are texts, so that none passes through floating point.

use serde_json::{Map, Value, json};

use crate::contract::Yonyou;
use crate::decimal;
use crate::document::{Body, Document, Flaw, Line};

/// Digits of a price after the point.
const PRICE: u32 = 6;

/// The `data` of a document, without its number.
pub(super) fn body(document: &Document, contract: &Yonyou) -> Result<Value, Flaw> {
    let currency = contract.currencies.get(document.currency.as_str()).ok_or(Flaw::Currency)?;
    let write = Writer { document, contract, currency };
    match &document.body {
        Body::SalesOrder { lines } => write.order(lines),
        Body::Delivery { order, warehouse, lines } => {
            write.delivery(order.as_deref(), warehouse, lines)
        }
        Body::Return { order, warehouse, lines } => {
            write.returned(order.as_deref(), warehouse, lines)
        }
        Body::Receipt { account, reference, .. } => {
            Ok(write.receipt(account.as_deref(), reference))
        }
    }
}

struct Writer<'a> {
    document: &'a Document,
    contract: &'a Yonyou,
    currency: &'a str,
}

/// What a line costs.
struct Cost {
    price: String,
    net_price: String,
    sum: String,
    net: String,
    tax: String,
    tax_code: String,
}

/// What a line is: sold, or given.
fn product_type(line: &Line) -> &'static str {
    if line.amount.0 == 0 { "GIFT" } else { "SALE" }
}

impl Writer<'_> {
    /// The day, which is written with an hour.
    fn day(&self) -> String {
        format!("{} 00:00:00", self.document.day)
    }

    fn cost(&self, line: &Line) -> Result<Cost, Flaw> {
        let currency = &self.document.currency;
        let net = decimal::net(line.amount, line.tax_percent);
        let tax = values::Minor(line.amount.0 - net.0);
        let each = |amount| decimal::each(amount, line.quantity.get(), currency, PRICE);
        let tax_code = self.contract.tax_codes.get(&line.tax_percent.to_string());
        Ok(Cost {
            price: each(line.amount),
            net_price: each(net),
            sum: decimal::written(line.amount, currency),
            net: decimal::written(net, currency),
            tax: decimal::written(tax, currency),
            tax_code: tax_code.ok_or(Flaw::TaxCode)?.clone(),
        })
    }

    /// What goods of orders and returns have: quantities, three times, and units.
    fn goods(&self, line: &Line, cost: &Cost) -> Map<String, Value> {
        let quantity = line.quantity.get().to_string();
        let fields = [
            ("_status", "Insert"),
            ("productId", &line.product),
            ("masterUnitId", &line.unit),
            ("iProductAuxUnitId", &line.unit),
            ("iProductUnitId", &line.unit),
            ("qty", &quantity),
            ("subQty", &quantity),
            ("priceQty", &quantity),
            ("invExchRate", "1"),
            ("invPriceExchRate", "1"),
            ("stockOrgId", &self.contract.org),
            ("taxId", &cost.tax_code),
            ("orderProductType", product_type(line)),
            ("oriTaxUnitPrice", &cost.price),
            ("oriSum", &cost.sum),
        ];
        let mut goods = Map::new();
        goods.extend(fields.map(|(name, value)| (name.to_owned(), Value::from(value))));
        for exchange in ["unitExchangeType", "unitExchangeTypePrice"] {
            goods.insert(exchange.to_owned(), 0.into());
        }
        goods
    }

    fn order(&self, lines: &[Line]) -> Result<Value, Flaw> {
        let (org, customer) = (&self.contract.org, &self.document.customer);
        let mut details = Vec::with_capacity(lines.len());
        for line in lines {
            let cost = self.cost(line)?;
            let mut detail = self.goods(line, &cost);
            detail.insert("settlementOrgId".to_owned(), org.as_str().into());
            for (name, value) in [
                ("oriUnitPrice", &cost.net_price),
                ("oriMoney", &cost.net),
                ("oriTax", &cost.tax),
                ("natUnitPrice", &cost.net_price),
                ("natTaxUnitPrice", &cost.price),
                ("natMoney", &cost.net),
                ("natSum", &cost.sum),
                ("natTax", &cost.tax),
            ] {
                detail.insert(format!("orderDetailPrices!{name}"), value.as_str().into());
            }
            details.push(detail);
        }
        Ok(json!({
            "salesOrgId": org,
            "transactionTypeId": self.contract.order_type,
            "vouchdate": self.day(),
            "agentId": customer,
            "settlementOrgId": org,
            "invoiceAgentId": customer,
            "payMoney": decimal::written(self.document.total(), &self.document.currency),
            "orderPrices!currency": self.currency,
            "orderPrices!natCurrency": self.currency,
            "orderPrices!exchRate": "1",
            "orderPrices!exchangeRateType": self.contract.exchange_rate_type,
            "orderPrices!taxInclusive": true,
            "memo": self.document.short_note(),
            "orderDetails": details,
        }))
    }

    fn delivery(
        &self,
        order: Option<&str>,
        warehouse: &str,
        lines: &[Line],
    ) -> Result<Value, Flaw> {
        let (org, customer) = (&self.contract.org, &self.document.customer);
        let mut details = Vec::with_capacity(lines.len());
        for line in lines {
            let cost = self.cost(line)?;
            let quantity = line.quantity.get().to_string();
            details.push(json!({
                "_status": "Insert",
                "source": "0",
                "product": line.product,
                "stockUnit": line.unit,
                "priceUOM": line.unit,
                "qty": quantity,
                "subQty": quantity,
                "priceQty": quantity,
                "invExchRate": "1",
                "invPriceExchRate": "1",
                "unitExchangeType": 0,
                "taxUnitPriceTag": true,
                "taxId": cost.tax_code,
                "taxRate": line.tax_percent.to_string(),
                "oriTaxUnitPrice": cost.price,
                "oriSum": cost.sum,
                "oriMoney": cost.net,
                "oriTax": cost.tax,
                // Whether a gift is called so here, too, is not in the document of the interface.
                "saleStyle": product_type(line),
                "orderCode": order.unwrap_or_default(),
            }));
        }
        Ok(json!({
            "receiveAccountingBasis": self.contract.accounting_basis,
            "salesoutAccountingMethod": self.contract.accounting_method,
            "accountOrg": org,
            "org": org,
            "salesOrg": org,
            "invoiceOrg": org,
            "vouchdate": self.day(),
            "bustype": self.contract.delivery_type,
            "warehouse": warehouse,
            "cust": customer,
            "invoiceCust": customer,
            "srcBillType": "0",
            "natCurrency": self.currency,
            "currency": self.currency,
            "exchRateType": self.contract.exchange_rate_type,
            "exchRate": "1",
            "memo": self.document.short_note(),
            "details": details,
        }))
    }

    fn returned(
        &self,
        order: Option<&str>,
        warehouse: &str,
        lines: &[Line],
    ) -> Result<Value, Flaw> {
        let (org, customer) = (&self.contract.org, &self.document.customer);
        let total = decimal::written(self.document.total(), &self.document.currency);
        let mut details = Vec::with_capacity(lines.len());
        for line in lines {
            let cost = self.cost(line)?;
            let mut detail = self.goods(line, &cost);
            for (name, value) in [
                ("stockId", warehouse),
                ("salesOrgId", org),
                ("oriUnitPrice", &cost.net_price),
                ("oriMoney", &cost.net),
                ("oriTax", &cost.tax),
                ("natUnitPrice", &cost.net_price),
                ("natTaxUnitPrice", &cost.price),
                ("natMoney", &cost.net),
                ("natSum", &cost.sum),
                ("natTax", &cost.tax),
            ] {
                detail.insert(name.to_owned(), value.into());
            }
            details.push(detail);
        }
        Ok(json!({
            "salesOrgId": org,
            "transactionTypeId": self.contract.return_type,
            "vouchdate": self.day(),
            "agentId": customer,
            "invoiceAgentId": customer,
            "settlementOrgId": org,
            "currency": self.currency,
            "natCurrency": self.currency,
            "exchangeRateType": self.contract.exchange_rate_type,
            "exchRate": "1",
            "taxInclusive": true,
            "saleReturnSourceType": "NONE",
            "orderNo": order.unwrap_or_default(),
            "totalMoney": total,
            "payMoney": total,
            "saleReturnMemo": { "remark": self.document.short_note() },
            "saleReturnDetails": details,
        }))
    }

    fn receipt(&self, account: Option<&str>, reference: &str) -> Value {
        let amount = decimal::written(self.document.total(), &self.document.currency);
        let org = &self.contract.org;
        // The reference has no field of its own.
        let text = [reference, &self.document.note].join(" ");
        let description: String = text.trim().chars().take(200).collect();
        let mut body = json!({
            "accentity_code": org,
            "org_code": org,
            "vouchdate": self.document.day.to_string(),
            "customer_code": self.document.customer,
            "tradetype_code": self.contract.receipt_type,
            "currency": self.currency,
            "exchangeRateType_code": self.contract.exchange_rate_type,
            "exchRate": "1",
            "oriSum": amount,
            "natSum": amount,
            "description": description,
            "ReceiveBill_b": [{
                "_status": "Insert",
                "quickType_code": self.contract.receipt_purpose,
                "customer_code": self.document.customer,
                "oriSum": amount,
                "natSum": amount,
            }],
        });
        if let Some(settlement) = &self.contract.settlement {
            body["settlemode_code"] = settlement.as_str().into();
        }
        if let Some(account) = account {
            body["enterprisebankaccount_code"] = account.into();
        }
        body
    }
}
