"""Drive the whole control plane with boto3, unmodified: its serialisation, validation, waiters and paginators.

    with_boto3.py URL

Prints how many operations were called. Any answer that boto3 cannot make sense of raises.
"""

import io
import sys
import urllib.request
import zipfile

import boto3
from botocore.config import Config

ROLE = "arn:aws:iam::123456789012:role/orders"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
SIGNER = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/orders/1234567890"

client = boto3.client(
    "lambda",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="any",
    aws_secret_access_key="any",
    config=Config(retries={"total_max_attempts": 1}),
)
called = set()
client.meta.events.register("before-call.lambda", lambda model, **_: called.add(model.name))


def package(text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("app.py", text)
    return out.getvalue()


def wait(waiter, **names):
    client.get_waiter(waiter).wait(**names, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})


def pages(operation, result, size=1, **names):
    """Everything that a list has, one item a page."""
    pages = list(client.get_paginator(operation).paginate(**names, PaginationConfig={"PageSize": size}))
    found = [item for page in pages for item in page[result]]
    assert len(pages) >= len(found) / size, f"{operation}: {len(found)} in {len(pages)} pages of {size}"
    return found


def refused(error, call, **input):
    try:
        call(**input)
    except getattr(client.exceptions, error):
        return
    raise AssertionError(f"{error} was expected of {input}")


def functions():
    for name in ("orders", "receipts", "returns"):
        made = client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.handler",
            Role=ROLE,
            Code={"ZipFile": package("def handler(event, context): return event\n")},
            Environment={"Variables": {"STAGE": "test"}},
            Tags={"team": "shop"},
        )
        assert made["State"] == "Pending", made
        wait("function_exists", FunctionName=name)
        wait("function_active", FunctionName=name)
        wait("function_active_v2", FunctionName=name)
    assert client.update_function_configuration(FunctionName="orders", MemorySize=256)["LastUpdateStatus"] == "InProgress"
    wait("function_updated", FunctionName="orders")
    client.update_function_code(FunctionName="orders", ZipFile=package("def handler(event, context): return 2\n"))
    wait("function_updated_v2", FunctionName="orders")
    live = client.get_function(FunctionName="orders")
    assert live["Configuration"]["MemorySize"] == 256 and live["Tags"] == {"team": "shop"}, live
    with urllib.request.urlopen(live["Code"]["Location"]) as code:
        assert zipfile.ZipFile(io.BytesIO(code.read())).namelist() == ["app.py"]
    assert [f["FunctionName"] for f in pages("list_functions", "Functions")] == ["orders", "receipts", "returns"]
    refused("ResourceConflictException", client.create_function, FunctionName="orders", Runtime="python3.13",
            Handler="app.handler", Role=ROLE, Code={"ZipFile": package("")})


def versions_and_aliases():
    first = client.publish_version(FunctionName="orders")
    wait("published_version_active", FunctionName="orders", Qualifier=first["Version"])
    assert client.publish_version(FunctionName="orders")["Version"] == first["Version"] == "1"
    client.update_function_configuration(FunctionName="orders", Timeout=9)
    wait("function_updated_v2", FunctionName="orders")
    client.publish_version(FunctionName="orders", Description="second")
    listed = pages("list_versions_by_function", "Versions", FunctionName="orders")
    assert [version["Version"] for version in listed] == ["$LATEST", "1", "2"]
    live = client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    client.create_alias(FunctionName="orders", Name="next", FunctionVersion="2")
    moved = client.update_alias(FunctionName="orders", Name="live", RevisionId=live["RevisionId"],
                                RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}})
    assert moved["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.25}}
    refused("PreconditionFailedException", client.update_alias, FunctionName="orders", Name="live",
            RevisionId=live["RevisionId"])
    client.update_alias(FunctionName="orders", Name="live", RoutingConfig={"AdditionalVersionWeights": {}})
    assert "RoutingConfig" not in client.get_alias(FunctionName="orders", Name="live")
    assert [alias["Name"] for alias in pages("list_aliases", "Aliases", FunctionName="orders")] == ["live", "next"]


def what_hangs_on_a_function():
    client.create_function_url_config(FunctionName="orders", AuthType="AWS_IAM", Cors={"AllowOrigins": ["*"]})
    client.create_function_url_config(FunctionName="orders", Qualifier="live", AuthType="NONE")
    client.update_function_url_config(FunctionName="orders", InvokeMode="RESPONSE_STREAM")
    assert client.get_function_url_config(FunctionName="orders")["InvokeMode"] == "RESPONSE_STREAM"
    assert len(pages("list_function_url_configs", "FunctionUrlConfigs", FunctionName="orders")) == 2
    for sid in ("first", "second"):
        client.add_permission(FunctionName="orders", StatementId=sid, Action="lambda:InvokeFunction",
                              Principal="events.amazonaws.com", SourceAccount="123456789012")
    assert '"second"' in client.get_policy(FunctionName="orders")["Policy"]
    client.remove_permission(FunctionName="orders", StatementId="first")
    client.put_function_event_invoke_config(FunctionName="orders", MaximumRetryAttempts=1)
    client.put_function_event_invoke_config(FunctionName="orders", Qualifier="live", MaximumRetryAttempts=0)
    client.update_function_event_invoke_config(FunctionName="orders", MaximumEventAgeInSeconds=60)
    assert client.get_function_event_invoke_config(FunctionName="orders")["MaximumRetryAttempts"] == 1
    listed = pages("list_function_event_invoke_configs", "FunctionEventInvokeConfigs", FunctionName="orders")
    assert len(listed) == 2, listed
    client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=20)
    assert client.get_function_concurrency(FunctionName="orders")["ReservedConcurrentExecutions"] == 20
    client.put_provisioned_concurrency_config(FunctionName="orders", Qualifier="live", ProvisionedConcurrentExecutions=3)
    listed = pages("list_provisioned_concurrency_configs", "ProvisionedConcurrencyConfigs", FunctionName="orders")
    assert [config["RequestedProvisionedConcurrentExecutions"] for config in listed] == [3]
    client.get_provisioned_concurrency_config(FunctionName="orders", Qualifier="live")
    client.put_function_recursion_config(FunctionName="orders", RecursiveLoop="Allow")
    assert client.get_function_recursion_config(FunctionName="orders")["RecursiveLoop"] == "Allow"
    client.put_runtime_management_config(FunctionName="orders", UpdateRuntimeOn="FunctionUpdate")
    assert client.get_runtime_management_config(FunctionName="orders")["UpdateRuntimeOn"] == "FunctionUpdate"
    arn = client.get_function(FunctionName="orders")["Configuration"]["FunctionArn"]
    client.tag_resource(Resource=arn, Tags={"cost": "a b/c+d"})
    client.untag_resource(Resource=arn, TagKeys=["team"])
    assert client.list_tags(Resource=arn)["Tags"] == {"cost": "a b/c+d"}


def what_stands_alone():
    for target in ("orders", "receipts"):
        made = client.create_event_source_mapping(FunctionName=target, EventSourceArn=QUEUE, BatchSize=5)
        while client.get_event_source_mapping(UUID=made["UUID"])["State"] != "Enabled":
            pass
    client.update_event_source_mapping(UUID=made["UUID"], BatchSize=7)
    assert len(pages("list_event_source_mappings", "EventSourceMappings")) == 2
    for text in ("1", "2"):
        layer = client.publish_layer_version(LayerName="shared", Content={"ZipFile": package(text)},
                                             CompatibleRuntimes=["python3.13"])
    client.get_layer_version(LayerName="shared", VersionNumber=2)
    client.get_layer_version_by_arn(Arn=layer["LayerVersionArn"])
    client.add_layer_version_permission(LayerName="shared", VersionNumber=2, StatementId="all", Principal="*",
                                        Action="lambda:GetLayerVersion")
    client.get_layer_version_policy(LayerName="shared", VersionNumber=2)
    client.remove_layer_version_permission(LayerName="shared", VersionNumber=2, StatementId="all")
    assert [layer["LayerName"] for layer in pages("list_layers", "Layers")] == ["shared"]
    assert [v["Version"] for v in pages("list_layer_versions", "LayerVersions", LayerName="shared")] == [2, 1]
    client.update_function_configuration(FunctionName="receipts", Layers=[layer["LayerVersionArn"]])
    config = client.create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": [SIGNER]})
    config = config["CodeSigningConfig"]["CodeSigningConfigArn"]
    client.put_function_code_signing_config(FunctionName="orders", CodeSigningConfigArn=config)
    client.get_function_code_signing_config(FunctionName="orders")
    client.update_code_signing_config(CodeSigningConfigArn=config, Description="changed")
    assert client.get_code_signing_config(CodeSigningConfigArn=config)["CodeSigningConfig"]["Description"] == "changed"
    assert len(pages("list_code_signing_configs", "CodeSigningConfigs")) == 1
    assert len(pages("list_functions_by_code_signing_config", "FunctionArns", CodeSigningConfigArn=config)) == 1
    client.delete_function_code_signing_config(FunctionName="orders")
    client.delete_code_signing_config(CodeSigningConfigArn=config)
    assert client.get_account_settings()["AccountUsage"]["FunctionCount"] == 3


def deletes():
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        while client.get_event_source_mapping(UUID=mapping["UUID"])["State"] != "Enabled":
            pass
        assert client.delete_event_source_mapping(UUID=mapping["UUID"])["State"] == "Deleting"
    client.delete_provisioned_concurrency_config(FunctionName="orders", Qualifier="live")
    client.delete_function_concurrency(FunctionName="orders")
    client.delete_function_event_invoke_config(FunctionName="orders")
    client.delete_function_url_config(FunctionName="orders")
    for alias in ("live", "next"):
        client.delete_alias(FunctionName="orders", Name=alias)
    client.delete_function(FunctionName="orders", Qualifier="1")
    for version in (1, 2):
        client.delete_layer_version(LayerName="shared", VersionNumber=version)
    for function in ("orders", "receipts", "returns"):
        client.delete_function(FunctionName=function)
        refused("ResourceNotFoundException", client.delete_function, FunctionName=function)
    while client.list_functions()["Functions"] or client.list_event_source_mappings()["EventSourceMappings"]:
        pass
    assert client.list_layers()["Layers"] == []


functions()
versions_and_aliases()
what_hangs_on_a_function()
what_stands_alone()
deletes()
print(f"{len(called)} operations")
