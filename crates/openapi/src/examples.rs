//! Requests and answers of the rpcs that everybody begins with, as docs/rest.md tells them.

use serde_json::{Value, json};

/// A request that shows how an rpc is called.
pub(crate) fn request(rpc: &str) -> Option<Value> {
    Some(match rpc {
        "qudao.partner.v1.IdentityService.SignIn" => {
            json!({"tenantId": "bikes", "login": "admin", "password": "qudao-demo-admin"})
        }
        "qudao.partner.v1.PartnerQueryService.ListDealers" => json!({"page": {"size": 10}}),
        "qudao.order.v1.OrderService.SubmitOrder" => json!({
            "requestId": "4f8c1ac6-0c0b-4f0e-9a3e-0d8a1f6f7b11",
            "dealerId": "kansas-city-29ers",
            "lines": [{"productId": "jekyll-carbon-2", "quantity": 1}],
        }),
        "qudao.order.v1.OrderQueryService.GetOrder" => json!({"orderId": "SO-000001"}),
        "qudao.bi.v1.SalesQueryService.QuerySales" => {
            json!({"dimensions": ["SALES_DIMENSION_REGION"]})
        }
        "qudao.history.v1.HistoryService.GetObjectHistory" => json!({"object": "SO-000001"}),
        _ => return None,
    })
}

/// What such a request is answered.
pub(crate) fn answer(rpc: &str) -> Option<Value> {
    let receipt = json!({"objectId": "SO-000001", "version": "1", "position": "4711"});
    (rpc == "qudao.order.v1.OrderService.SubmitOrder").then(|| json!({"receipt": receipt}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_reflect::{DescriptorPool, DynamicMessage};

    #[test]
    fn examples_are_what_the_contracts_ask_for() {
        let pool = DescriptorPool::decode(proto::DESCRIPTORS).expect("the contracts");
        let mut found = 0;
        for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
            let name = method.full_name();
            let both = [(request(name), method.input()), (answer(name), method.output())];
            for (example, kind) in both {
                let Some(example) = example else { continue };
                DynamicMessage::deserialize(kind, example).expect(name);
                found += 1;
            }
        }
        assert_eq!(found, 7, "every example is one of an rpc that there is");
    }
}
