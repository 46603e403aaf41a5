//! The rules of the destinations of asynchronous invocations.

use crate::model::rules;

rules! {
    V077 {
        severity: Error,
        title: "Unsupported destination of asynchronous invocations",
        meaning: "Lambda sends the result of an asynchronous invocation to a function, a standard SQS queue, a standard SNS \
                  topic or an EventBridge bus, and failures to an S3 bucket as well. FIFO queues and topics, and S3 for \
                  successes, are rejected. Name a supported destination.",
        bad: function_with!("
    event_invoke_config:
      destination_config: {on_success: {destination: \"arn:aws:s3:::results\"}}
"),
        good: function_with!("
    event_invoke_config:
      destination_config: {on_failure: {destination: \"arn:aws:s3:::results\"}}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"),
    }
    V078 {
        severity: ErrorOrWarning,
        title: "Function that is its own destination",
        meaning: "A function that receives its own results invokes itself again and again, and Lambda rejects it. \
                  trueup warns if the destination is one of its aliases or versions. Name another function, a queue, a \
                  topic or a bus.",
        bad: function_with!("
    event_invoke_config:
      destination_config: {on_failure: {destination: \"${functions.orders.arn}\"}}
"),
        good: function_with!("
    event_invoke_config:
      destination_config:
        on_failure: {destination: \"arn:aws:lambda:us-east-1:123456789012:function:failures\"}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"),
    }
}
