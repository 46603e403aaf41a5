//! One call, sent once through the SDK: the table of operations says how each call becomes a request and each
//! answer a reply.

use aws_sdk_lambda::Client;

use super::classify::classify;
use crate::wire::{Call, Failure, Reply, every_operation};

macro_rules! sending {
    ($($name:ident $module:ident $input:ident $output:ident $bucket:ident $effect:ident [$($flag:ident)?];)*) => {
        /// Sends one call once.
        pub(super) async fn send(client: &Client, call: Call) -> Result<Reply, Failure> {
            let write = call.operation().is_write();
            match call {
                // Boxed, or this future would be as large as the largest of all operations' futures.
                $(Call::$name(input) => match Box::pin(input.send_with(client)).await {
                    Ok(output) => Ok(Reply::$name(Box::new(output))),
                    Err(error) => Err(classify(stringify!($name), write, error)),
                },)*
            }
        }
    };
}

every_operation!(sending);

/// Whether the call may carry a package of tens of megabytes, and so may take minutes on a slow line.
pub(super) fn is_upload(call: &Call) -> bool {
    matches!(call, Call::CreateFunction(_) | Call::UpdateFunctionCode(_) | Call::PublishLayerVersion(_))
}
