"""Drive the control plane with the AWS CLI: its parameters, its waiters and its paging.

    with_aws_cli.py URL FOLDER

The CLI's own entry point is called many times in one process, because starting it takes a second each time. Prints how many
commands succeeded; one that fails ends the script.
"""

import contextlib
import io
import json
import os
import pathlib
import sys
import zipfile

os.environ.update(AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any", AWS_PAGER="")
os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_MAX_ATTEMPTS="1")
from awscli.clidriver import create_clidriver  # noqa: E402 - it reads the environment when it is imported

url, folder = sys.argv[1], pathlib.Path(sys.argv[2])
driver = create_clidriver()
run = 0


def aws(command, *more):
    global run
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    arguments = ["lambda", *command.split(), *more, "--endpoint-url", url, "--region", "us-east-1", "--output", "json"]
    with contextlib.redirect_stdout(out):
        status = driver.main(arguments)
    assert status == 0, f"aws lambda {command}: exit status {status}"
    run += 1
    out.flush()
    text = out.buffer.getvalue().decode()
    return json.loads(text) if text.strip() else None


def package(name, text):
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("app.py", text)
    return f"fileb://{folder / name}"


code = package("code.zip", "def handler(event, context): return event\n")
role = "arn:aws:iam::123456789012:role/orders"
aws(f"create-function --function-name orders --runtime python3.13 --handler app.handler --role {role} --zip-file {code}")
aws("wait function-exists --function-name orders")
aws("wait function-active-v2 --function-name orders")
aws("update-function-configuration --function-name orders --memory-size 512 --environment Variables={STAGE=test,LEVEL=info}")
aws("wait function-updated-v2 --function-name orders")
aws(f"update-function-code --function-name orders --zip-file {package('new.zip', 'x = 1')}")
aws("wait function-updated-v2 --function-name orders")
assert aws("get-function --function-name orders")["Configuration"]["Environment"]["Variables"]["STAGE"] == "test"
assert aws("publish-version --function-name orders")["Version"] == "1"
aws("wait published-version-active --function-name orders --qualifier 1")
aws("create-alias --function-name orders --name live --function-version 1")
aws("create-alias --function-name orders --name next --function-version $LATEST")
aws("update-alias --function-name orders --name live --description moved")
assert len(aws("list-aliases --function-name orders --page-size 1")["Aliases"]) == 2
some = aws("list-aliases --function-name orders --max-items 1")
rest = aws("list-aliases --function-name orders --starting-token", some["NextToken"])
assert [alias["Name"] for alias in some["Aliases"] + rest["Aliases"]] == ["live", "next"]
queue = "arn:aws:sqs:us-east-1:123456789012:orders"
mapping = aws(f"create-event-source-mapping --function-name orders:live --event-source-arn {queue} --batch-size 5")["UUID"]
while aws(f"get-event-source-mapping --uuid {mapping}")["State"] != "Enabled":
    pass
assert aws("create-function-url-config --function-name orders --auth-type NONE")["FunctionUrl"].startswith("https://")
aws("add-permission --function-name orders --statement-id all --action lambda:InvokeFunctionUrl --principal * "
    "--function-url-auth-type NONE")
assert "InvokeFunctionUrl" in aws("get-policy --function-name orders")["Policy"]
aws(f"publish-layer-version --layer-name shared --zip-file {code} --compatible-runtimes python3.13 python3.12")
assert len(aws("list-layer-versions --layer-name shared")["LayerVersions"]) == 1
aws("put-function-concurrency --function-name orders --reserved-concurrent-executions 10")
aws("put-provisioned-concurrency-config --function-name orders --qualifier live --provisioned-concurrent-executions 2")
arn = "arn:aws:lambda:us-east-1:123456789012:function:orders"
aws(f"tag-resource --resource {arn} --tags team=shop,cost=1")
aws(f"untag-resource --resource {arn} --tag-keys cost")
assert aws(f"list-tags --resource {arn}")["Tags"] == {"team": "shop"}
aws(f"delete-event-source-mapping --uuid {mapping}")
aws("remove-permission --function-name orders --statement-id all")
aws("delete-function-url-config --function-name orders")
aws("delete-provisioned-concurrency-config --function-name orders --qualifier live")
aws("delete-function-concurrency --function-name orders")
aws("delete-alias --function-name orders --name live")
aws("delete-layer-version --layer-name shared --version-number 1")
aws("delete-function --function-name orders")
while aws("list-functions")["Functions"]:
    pass
print(f"{run} commands")
