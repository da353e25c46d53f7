//! Carts that a dealer of a brand keeps.

use proto::order::v1 as order;
use proto::order::v1::cart_service_client::CartServiceClient;

use super::{Sower, company_canary};
use crate::support::system::id;

/// Keeps a cart for each product; their numbers. They are of the second dealer, where there is one.
pub(super) async fn keep(sower: &Sower<'_>) -> Vec<String> {
    let (seeds, admin) = (&sower.seeds, sower.admin());
    let dealer = seeds.dealers.len().min(2) - 1;
    let mut client = CartServiceClient::new(sower.channel.clone());
    let mut carts = Vec::new();
    for product_id in seeds.products.clone() {
        let cart = order::SaveCartRequest {
            request_id: id(),
            dealer_id: seeds.dealers[dealer].clone(),
            kind: order::CartKind::Cart.into(),
            name: company_canary(seeds, dealer),
            note: company_canary(seeds, dealer),
            lines: vec![order::CartLine { product_id, quantity: 3 }],
            ..Default::default()
        };
        let saved = client.save_cart(sower.says(&admin, cart)).await.unwrap();
        carts.push(saved.into_inner().receipt.unwrap().object_id);
    }
    carts
}
