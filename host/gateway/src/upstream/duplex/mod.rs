//! Tool servers that answer on one line for all that they say, whatever it answers: child
//! processes, and servers over HTTP+SSE. The gate plays the Streamable HTTP server for
//! them: it tells the answers apart, keeps sessions, and gives each caller what is its own.

mod answer;
mod audience;
mod board;
mod calls;
mod hear;
mod legacy;
mod line;
mod mailbox;
mod names;
mod noise;
mod out;
mod room;
mod sessions;

pub(super) use answer::{Answered, answer};
pub(super) use audience::Audience;
pub(super) use board::{Board, lock};
pub(super) use hear::Listener;
pub(super) use line::{Line, Supervised};
pub(super) use out::{Out, Post, PostOf};
pub(super) use room::Room;
pub(super) use sessions::{Bounds, Sessions};
