//! What is looked for, one group a file.

pub(crate) mod compound;
pub(crate) mod doctype;
mod excel_password;
mod fields;
mod formulas;
pub(crate) mod links;
pub(crate) mod magic;
pub(crate) mod main_part;
pub(crate) mod markup;
pub(crate) mod parts;
pub(crate) mod unasked;
