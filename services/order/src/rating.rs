//! How content a dealer is (满意度): two questions after a delivery, and after each after-sale case.

use kernel::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How content a dealer is: from 1, not at all, to 5, wholly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rating {
    /// With the goods, or with the outcome of a case.
    #[schemars(range(min = 1, max = 5))]
    pub goods: u8,
    /// With the service.
    #[schemars(range(min = 1, max = 5))]
    pub service: u8,
    /// In its own words; may be empty.
    pub comment: String,
}

impl Rating {
    /// Both answers.
    pub fn shown(&self) -> Text {
        let Self { goods, service, .. } = self;
        Text::new(
            format!("商品 {goods} 分，服务 {service} 分"),
            format!("{goods} of 5 for the goods, {service} of 5 for the service"),
        )
    }
}
