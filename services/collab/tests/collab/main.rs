//! The rules of the collab context, as sentences.

mod files;
mod looking;
