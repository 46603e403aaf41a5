//! Sends one call once through the SDK: [`every_operation!`] turns each call, such as `Call::UpdateAlias`, into a request and
//! each response into a reply.

use aws_sdk_lambda::Client;

use super::classify::{classify, incomplete};
use crate::wire::{Call, Failure, Operation, Reply, Request, every_operation};

macro_rules! sending {
    ($($name:ident $module:ident $input:ident $output:ident $bucket:ident $effect:ident [$($flag:ident)?];)*) => {
        /// Sends one call once.
        pub(super) async fn send(client: &Client, call: Call) -> Result<Reply, Failure> {
            match call {
                // Boxed, or this future would be as large as the largest of all operations' futures.
                $(Call::$name(input) => match Box::pin(input.send_with(client)).await {
                    Ok(output) => {
                        let reply = Reply::$name(Box::new(output));
                        match reply.missing_member() {
                            Some(member) => Err(incomplete(Request::Lambda(Operation::$name), member)),
                            None => Ok(reply),
                        }
                    }
                    Err(error) => Err(classify(Request::Lambda(Operation::$name), error)),
                },)*
            }
        }
    };
}

every_operation!(sending);

/// Returns true for calls that may carry a package of tens of megabytes, which take minutes on a slow connection.
pub(super) fn is_upload(call: &Call) -> bool {
    matches!(call, Call::CreateFunction(_) | Call::UpdateFunctionCode(_) | Call::PublishLayerVersion(_))
}
