//! The rules of layer permissions.

use crate::model::rules;

rules! {
    V087 {
        severity: Error,
        title: "Layer statement with an invalid id, or an organization without the principal `*`",
        meaning: "The id of a statement has 1 to 100 letters, digits, `-` and `_`. `organization_id` limits the principal \
                  `*` to an organization, and Lambda rejects it with an account. Set `principal: \"*\"`, or remove \
                  `organization_id`.",
        bad: "version: 1
stack: example
layers:
  common:
    code: {zip: layer.zip}
    permissions:
      ours: {principal: \"210987654321\", organization_id: o-a1b2c3d4e5}
",
        good: "version: 1
stack: example
layers:
  common:
    code: {zip: layer.zip}
    permissions:
      ours: {principal: \"*\", organization_id: o-a1b2c3d4e5}
",
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html"),
    }
}
