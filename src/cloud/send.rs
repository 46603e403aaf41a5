//! Sends one call once, through the SDK.

use aws_sdk_lambda::Client;

use super::classify::classify;
use crate::wire::{Call, Failure, Reply, every_operation};

macro_rules! sending {
    ($($name:ident $module:ident $input:ident $output:ident $bucket:ident $effect:ident [$($flag:ident)?];)*) => {
        /// Sends the call and waits for the reply.
        pub async fn send(client: &Client, call: Call) -> Result<Reply, Failure> {
            let (operation, is_write) = (call.operation(), call.is_write());
            match call {
                // Boxed, because the futures of seventy operations side by side would make one very large one.
                $(Call::$name(input) => match Box::pin(input.send_with(client)).await {
                    Ok(output) => Ok(Reply::$name(Box::new(output))),
                    Err(error) => Err(classify(operation, is_write, error)),
                },)*
            }
        }
    };
}

every_operation!(sending);
