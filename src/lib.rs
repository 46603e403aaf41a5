#![allow(unused_imports, dead_code)]
pub mod apply;
pub mod cli;
pub mod cloud;
pub mod diff;
pub mod drift;
pub mod files;
pub mod graph;
pub mod kinds;
pub mod model;
pub mod observe;
pub mod package;
pub mod plan;
pub mod reconcile;
pub mod show;
pub mod sim;
pub mod spec;
pub mod wire;
