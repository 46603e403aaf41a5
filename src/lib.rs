#![allow(unused_imports, dead_code)]
pub mod kinds;
pub mod model;
pub mod wire;
