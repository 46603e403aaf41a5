//! The rules of function URLs.

use crate::model::rules;

rules! {
    V072 {
        severity: Warning,
        title: "CORS with credentials for all origins",
        meaning: "Browsers reject a response that allows credentials when its allowed origin is `*`, so requests with \
                  credentials fail. List the origins, or remove `allow_credentials`.",
        bad: function_with!("
    url:
      auth_type: AWS_IAM
      cors: {allow_origins: [\"*\"], allow_credentials: true}
"),
        good: function_with!("
    url:
      auth_type: AWS_IAM
      cors: {allow_origins: [\"https://shop.example\"], allow_credentials: true}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html"),
    }
    V073 {
        severity: Warning,
        title: "Public URL without a statement that allows its use",
        meaning: "A function URL with `auth_type: NONE` still needs statements in the resource policy that allow everyone \
                  to invoke it; without them each request is answered with 403. Remove `public_statements: false`, or \
                  declare the statements under `permissions`.",
        bad: function_with!("
    url: {auth_type: NONE, public_statements: false}
"),
        good: function_with!("
    url: {auth_type: NONE}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"),
    }
}
