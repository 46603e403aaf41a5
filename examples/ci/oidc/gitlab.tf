# The roles of examples/ci/gitlab, one for each of its tasks. Their policies are generated beside this file:
#
#   for task in plan apply drift; do trueup iam-policy "$task" -f stack.yaml --format terraform > "$task.tf"; done
locals {
  gitlab_project = "project_path:shop/infra"
  gitlab_roles = {
    plan = {
      policy = data.aws_iam_policy_document.trueup_plan.json
      # Merge requests, whose subject is their source branch, and what was merged. A fork is another project.
      subjects = ["ref_type:branch:ref:*"]
    }
    apply = {
      policy   = data.aws_iam_policy_document.trueup_apply.json
      subjects = ["ref_type:branch:ref:main"]
    }
    drift = {
      policy   = data.aws_iam_policy_document.trueup_drift.json
      subjects = ["ref_type:branch:ref:main"]
    }
  }
}

resource "aws_iam_openid_connect_provider" "gitlab" {
  url            = "https://gitlab.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "gitlab_trust" {
  for_each = local.gitlab_roles
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.gitlab.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "gitlab.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      # Only a plan may come from any branch; main must be protected.
      test     = each.key == "plan" ? "StringLike" : "StringEquals"
      variable = "gitlab.com:sub"
      values   = [for subject in each.value.subjects : "${local.gitlab_project}:${subject}"]
    }
  }
}

resource "aws_iam_role" "gitlab" {
  for_each           = local.gitlab_roles
  name               = "trueup-gitlab-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.gitlab_trust[each.key].json
}

resource "aws_iam_role_policy" "gitlab" {
  for_each = local.gitlab_roles
  name     = "trueup"
  role     = aws_iam_role.gitlab[each.key].name
  policy   = each.value.policy
}

output "gitlab_role_arns" {
  value = { for task, role in aws_iam_role.gitlab : task => role.arn }
}
