//! The rules of layers.

use crate::model::rules;

rules! {
    V088 {
        severity: ErrorOrWarning,
        title: "Layer with an invalid name, or code from no source or more than one",
        meaning: "A layer has a name of at most 140 letters, digits, `-` and `_`, and its code comes from exactly one of \
                  `dir`, `zip` and `s3`; `links` requires `dir`. trueup warns of code in S3 without `sha256`, because a change of the object may go \
                  unnoticed. Keep one source.",
        bad: "version: 1
stack: example
layers:
  common:
    code: {zip: layer.zip, dir: layer}
",
        good: "version: 1
stack: example
layers:
  common:
    code: {dir: layer}
",
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html"),
    }
    V089 {
        severity: Warning,
        title: "Layer used by a function that it does not name as compatible",
        meaning: "`compatible_runtimes` and `compatible_architectures` say where a layer works. Lambda does not enforce \
                  them, but libraries of another runtime or architecture fail at run time. Add the value if the layer works \
                  there, or use another layer.",
        bad: function_with!("
    layers: [\"${layers.common.arn}\"]
layers:
  common:
    code: {zip: layer.zip}
    compatible_runtimes: [python3.12]
"),
        good: function_with!("
    layers: [\"${layers.common.arn}\"]
layers:
  common:
    code: {zip: layer.zip}
    compatible_runtimes: [python3.12, python3.13]
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html"),
    }
}
