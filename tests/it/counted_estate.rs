//! The estate on which calls are counted, here and by the bench of the quotas.

/// Writes a spec of functions with two tags, a version, an alias, reserved concurrency, a queue and a permission each, and the
/// handler that belongs to its number.
pub fn spec<'h>(functions: usize, handler: impl Fn(usize) -> &'h str) -> String {
    let one = |number: usize| {
        format!(
            "  f{number}:
    runtime: python3.13
    handler: {}
    role: arn:aws:iam::123456789012:role/f
    code: {{zip: package.zip}}
    tags: {{number: \"{number}\", team: orders}}
    reserved_concurrent_executions: 1
    permissions:
      topic: {{action: 'lambda:InvokeFunction', principal: sns.amazonaws.com, source_account: '123456789012'}}
    aliases:
      live:
        function_version: published
        event_source_mappings:
          queue: {{event_source_arn: \"arn:aws:sqs:us-east-1:123456789012:q{number}\"}}
",
            handler(number)
        )
    };
    format!("version: 1\nstack: estate\nfunctions:\n{}", (0..functions).map(one).collect::<String>())
}
