//! What is read from a system: products, customers and stock.

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub rows: Vec<T>,
    /// Whether nothing comes after it.
    pub is_last: bool,
}

/// A product as a system has it (物料).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its code there.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The code of the unit that its quantities are in.
    pub unit: String,
    /// Whether it may be used. YonBIP does not say it in its list: there, all that is listed may.
    pub is_usable: bool,
}

/// A customer as a system has it (客户): a dealer, seen from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Its code there.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether it may be used.
    pub is_usable: bool,
}

/// How much of a product is in a warehouse, in base units. Parts of a unit do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockLevel {
    /// The product's code.
    pub product: String,
    /// How many are there, all lots together; below zero where the books allow it.
    pub on_hand: i64,
    /// How many of them are promised to nobody, as the system counts it and where it says so.
    pub available: Option<i64>,
}
