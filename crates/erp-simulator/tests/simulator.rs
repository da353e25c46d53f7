//! Both systems through the client of `erp`, which reads and signs with other code.

mod simulator {
    mod hands_over;
    mod misbehaves;
    mod pages;
    mod refuses;
    mod stage;
}
