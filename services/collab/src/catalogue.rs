//! Who sees pictures of products: whoever sees the product, which is for the order context to say. It
//! is asked in the name of whoever wants a picture, each time, so what is hidden is hidden at once.

use kernel::{agent, failure};
use proto::order::v1::GetProductRequest;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, ClientTlsConfig, Error};
use tonic::{Code, Request, Status};
use uuid::Uuid;

/// The way to what dealers see.
#[derive(Clone)]
pub(crate) struct Catalogue(Channel);

impl Catalogue {
    /// Where the lists of products are; by TLS where the address says so.
    pub(crate) fn at((address, tls): (&str, Option<ClientTlsConfig>)) -> Result<Self, Error> {
        agent::channel(address, tls).map(Self)
    }

    /// Whether a product that the caller sees has this picture.
    pub(crate) async fn shows(
        &self,
        caller: &MetadataMap,
        product_id: &str,
        picture: Uuid,
    ) -> Result<bool, Status> {
        let mut request = Request::new(GetProductRequest {
            product_id: product_id.to_owned(),
            dealer_id: String::new(),
            min_position: 0,
        });
        for name in ["authorization", "traceparent"] {
            if let Some(value) = caller.get(name) {
                request.metadata_mut().insert(name, value.clone());
            }
        }
        let picture = picture.to_string();
        match OrderQueryServiceClient::new(self.0.clone()).get_product(request).await {
            Ok(told) => Ok(told.into_inner().picture_ids.contains(&picture)),
            Err(no) if no.code() == Code::NotFound => Ok(false),
            Err(error) => Err(failure::unavailable(&error)),
        }
    }
}
