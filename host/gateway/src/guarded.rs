//! A request that ends in a panic is answered, and takes no other with it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use hyper::{Response, StatusCode};

use crate::body::{self, Body};
use crate::proxy::Proxy;

pub(crate) async fn guarded(
    proxy: Arc<Proxy>,
    answer: impl Future<Output = Response<Body>>,
) -> Response<Body> {
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(response) => response,
        Err(_panic) => {
            proxy.gate.metrics.panics.inc();
            tracing::error!("a request ended in a panic");
            let text =
                r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"internal error"}}"#;
            let mut response = Response::new(body::full(text));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}
