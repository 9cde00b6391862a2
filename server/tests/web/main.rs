//! The web server as its clients meet it: requests through the whole router, over a real backend.

mod accounts;
mod answers;
mod authorisation;
mod clients;
mod compression;
mod downloads;
mod handing_over;
mod harness;
mod inspection;
mod mail;
mod modules;
mod names;
mod overview;
mod protection;
mod sessions;
mod uploads;
mod way_back;
