//! How taxes get into a submission: products say their rates, the amounts after discounts what they
//! come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use values::ProductId;

use super::Submission;
use crate::product::Product;
use crate::tax;

impl Submission {
    /// The same with the tax that each line contains. Lines of products whose tax nobody has said
    /// tell none.
    #[must_use]
    pub fn taxed(mut self, products: &BTreeMap<ProductId, Arc<Product>>) -> Self {
        let day = self.business_date;
        let lines = self.lines.iter().map(|line| {
            let product = products.get(&line.product_id);
            (line.net_minor(), product.and_then(|product| product.tax_on(day)))
        });
        let taxes = tax::contained(&lines.collect::<Vec<_>>());
        for (line, tax) in self.lines.iter_mut().zip(taxes) {
            line.tax = tax;
        }
        self
    }
}
