# The roles of examples/ci/github, one for each of its tasks. Their policies are generated beside this file:
#
#   for task in plan apply drift; do trueup iam-policy "$task" -f stack.yaml --format terraform > "$task.tf"; done
locals {
  # In a repository made since 15 July 2026, both names carry their numbers, such as shop@123456/infra@456789.
  github_repository = "repo:shop/infra"
  github_roles = {
    plan = {
      policy = data.aws_iam_policy_document.trueup_plan.json
      # Pull requests, their groups in the merge queue, and what was merged. Forks get no token.
      subjects = ["pull_request", "ref:refs/heads/gh-readonly-queue/main/*", "ref:refs/heads/main"]
    }
    apply = {
      policy   = data.aws_iam_policy_document.trueup_apply.json
      subjects = ["environment:production"]
    }
    drift = {
      policy   = data.aws_iam_policy_document.trueup_drift.json
      subjects = ["ref:refs/heads/main"]
    }
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "github_trust" {
  for_each = local.github_roles
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      # Only the merge queue needs a wildcard.
      test     = each.key == "plan" ? "StringLike" : "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = [for subject in each.value.subjects : "${local.github_repository}:${subject}"]
    }
  }
}

resource "aws_iam_role" "github" {
  for_each           = local.github_roles
  name               = "trueup-github-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.github_trust[each.key].json
}

resource "aws_iam_role_policy" "github" {
  for_each = local.github_roles
  name     = "trueup"
  role     = aws_iam_role.github[each.key].name
  policy   = each.value.policy
}

output "github_role_arns" {
  value = { for task, role in aws_iam_role.github : task => role.arn }
}
