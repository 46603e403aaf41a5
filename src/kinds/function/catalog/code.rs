//! The rules of a function's package and of its file systems.

use crate::model::rules;

/// A function from a container image, with more lines.
macro_rules! image_function {
    ($more:literal) => {
        concat!(
            "version: 1
stack: example
functions:
  orders:
    role: arn:aws:iam::123456789012:role/orders
    code: {image: \"123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:v1\"}",
            $more
        )
    };
}

/// A function whose code is given by these lines.
macro_rules! function_from {
    ($code:literal) => {
        concat!(
            "version: 1
stack: example
functions:
  orders:
    runtime: python3.13
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders",
            $code
        )
    };
}

rules! {
    V001 {
        severity: Error,
        title: "Function from a zip package without `runtime` or `handler`",
        meaning: "Lambda starts a zip package in a managed runtime and calls its handler, so CreateFunction needs both \
                  fields. A container image brings its own. Add the missing field, or name a container image in `code`.",
        bad: "version: 1
stack: example
functions:
  orders:
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        good: function_with!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"),
    }
    V002 {
        severity: Error,
        title: "Container image with `runtime`, `handler` or `layers`",
        meaning: "A container image contains its runtime, its entry point and its libraries, and Lambda rejects these \
                  fields for it. Remove the field. To override the entry point, use `image_config`.",
        bad: image_function!("
    runtime: python3.13
"),
        good: image_function!("
    image_config: {command: [app.handler]}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/images-create.html"),
    }
    V003 {
        severity: Error,
        title: "Zip package with `image_config`",
        meaning: "`image_config` overrides the entry point, command and working directory of a container image. A zip \
                  package has none of them. Remove `image_config`, or name a container image in `code`.",
        bad: function_with!("
    image_config: {command: [app.handler]}
"),
        good: image_function!("
    image_config: {command: [app.handler]}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_ImageConfig.html"),
    }
    V004 {
        severity: Error,
        title: "Code from no source, or from more than one",
        meaning: "The code of a function comes from exactly one of `dir`, `zip`, `s3` and `image`, or is `external` when \
                  another tool deploys it; `links` belongs to `dir`. Lambda accepts one source per request. Keep one of \
                  them.",
        bad: function_from!("
    code: {zip: package.zip, dir: src}
"),
        good: function_from!("
    code: {dir: src}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html"),
    }
    V005 {
        severity: Error,
        title: "`package_type` that contradicts the code",
        meaning: "A container image has the package type `Image`, all other code has `Zip`, and Lambda rejects a \
                  combination that does not match. The package type follows from `code`. Remove `package_type`.",
        bad: function_with!("
    package_type: Image
"),
        good: function_with!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"),
    }
    V007 {
        severity: Error,
        title: "Container image with `source_kms_key_arn`",
        meaning: "`source_kms_key_arn` is the key that encrypts a zip package in Lambda's storage. Amazon ECR encrypts \
                  container images with a key of its own. Remove the field, and set the key on the ECR repository.",
        bad: "version: 1
stack: example
functions:
  orders:
    role: arn:aws:iam::123456789012:role/orders
    code:
      image: 123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:v1
      source_kms_key_arn: arn:aws:kms:us-east-1:123456789012:key/code
",
        good: function_from!("
    code:
      zip: package.zip
      source_kms_key_arn: arn:aws:kms:us-east-1:123456789012:key/code
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/encrypt-zip-package.html"),
    }
    V016 {
        severity: Error,
        title: "Too many layers, two versions of one layer, or a layer of another region",
        meaning: "A function has at most five layers, all of its own region, and Lambda rejects two versions of the same \
                  layer. Keep one version of each layer, merge layers where there are more than five, and publish them in \
                  each region.",
        bad: function_with!("
    layers:
      - arn:aws:lambda:us-east-1:123456789012:layer:common:1
      - arn:aws:lambda:us-east-1:123456789012:layer:common:2
"),
        good: function_with!("
    layers:
      - arn:aws:lambda:us-east-1:123456789012:layer:common:2
      - arn:aws:lambda:us-east-1:123456789012:layer:metrics:1
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html"),
    }
    V022 {
        severity: Error,
        title: "EFS file system without `vpc_config`",
        meaning: "A function reaches an EFS file system through the mount targets in a VPC, and Lambda rejects the file \
                  system of a function that is in no VPC. Add a `vpc_config` with subnets that have a mount target.",
        bad: function_with!("
    file_system_configs:
      - arn: arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0
        local_mount_path: /mnt/data
"),
        good: function_with!("
    vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}
    file_system_configs:
      - arn: arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0
        local_mount_path: /mnt/data
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem.html"),
    }
    V023 {
        severity: Error,
        title: "`s3_files_config` on an EFS file system",
        meaning: "`s3_files_config` tunes the reads of a file system of Amazon S3 Files. An EFS access point has no such \
                  settings. Remove the field, or mount an access point of S3 Files.",
        bad: function_with!("
    vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}
    file_system_configs:
      - arn: arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0
        local_mount_path: /mnt/data
        s3_files_config: {direct_s3_read: AUTO}
"),
        good: function_with!("
    vpc_config: {subnet_ids: [subnet-1], security_group_ids: [sg-1]}
    file_system_configs:
      - arn: arn:aws:s3files:us-east-1:123456789012:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0
        local_mount_path: /mnt/data
        s3_files_config: {direct_s3_read: AUTO}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem-s3files.html"),
    }
    V026 {
        severity: Warning,
        title: "Deprecated runtime",
        meaning: "AWS no longer maintains this runtime, and rejects creating or updating functions with it. Functions that \
                  exist continue to run. Change `runtime` to a supported version.",
        bad: "version: 1
stack: example
functions:
  orders:
    runtime: python3.8
    handler: app.handler
    role: arn:aws:iam::123456789012:role/orders
    code: {zip: package.zip}
",
        good: function_with!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"),
    }
    V144 {
        severity: Error,
        title: "Image that is not in a private ECR repository",
        meaning: "Lambda takes container images from private repositories of Amazon ECR only, by a tag or by a digest and not \
                  by both. Images of Docker Hub, of public.ecr.aws and of other registries have to be pushed to a private \
                  repository first.",
        bad: "version: 1
stack: example
functions:
  orders:
    role: arn:aws:iam::123456789012:role/orders
    code: {image: \"public.ecr.aws/lambda/python:3.13\"}
",
        good: "version: 1
stack: example
functions:
  orders:
    role: arn:aws:iam::123456789012:role/orders
    code: {image: \"123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:v1\"}
",
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/images-create.html"),
    }
}
