//! The simulator, and `psp` against it.

mod simulator {
    mod lives;
    mod misbehaves;
    mod pages;
    mod refuses;
    mod stage;
}
