#![allow(unused_imports, dead_code)]
pub mod apply;
pub mod diff;
pub mod graph;
pub mod kinds;
pub mod model;
pub mod observe;
pub mod plan;
pub mod reconcile;
pub mod show;
pub mod spec;
pub mod wire;
