variable "url" {
  type = string
}

variable "functions" {
  type = number
}

variable "handler" {
  type    = string
  default = "app.handler"
}

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {
    lambda = var.url
  }
}

resource "aws_lambda_function" "function" {
  count                          = var.functions
  function_name                  = "f${count.index}"
  runtime                        = "python3.13"
  handler                        = count.index % 10 == 0 ? var.handler : "app.handler"
  role                           = "arn:aws:iam::123456789012:role/f"
  filename                       = "package.zip"
  source_code_hash               = filebase64sha256("package.zip")
  publish                        = true
  reserved_concurrent_executions = 1
  tags                           = { number = tostring(count.index), team = "orders" }
}

resource "aws_lambda_alias" "live" {
  count            = var.functions
  name             = "live"
  function_name    = aws_lambda_function.function[count.index].function_name
  function_version = aws_lambda_function.function[count.index].version
}

resource "aws_lambda_permission" "topic" {
  count          = var.functions
  statement_id   = "topic"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.function[count.index].function_name
  principal      = "sns.amazonaws.com"
  source_account = "123456789012"
}

resource "aws_lambda_event_source_mapping" "queue" {
  count            = var.functions
  event_source_arn = "arn:aws:sqs:us-east-1:123456789012:q${count.index}"
  function_name    = aws_lambda_alias.live[count.index].arn
}
