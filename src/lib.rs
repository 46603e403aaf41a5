#![allow(unused_imports, dead_code)]
pub mod files;
pub mod kinds;
pub mod model;
pub mod show;
pub mod spec;
pub mod wire;
