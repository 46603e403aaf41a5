"""Prints the attributes of the AWS provider's Lambda types, from the published package of its bindings for Python.

    pip download --no-deps cdktn-provider-aws==25.8.1
    python3 provider_schema.py cdktn_provider_aws-*.whl > provider_schema.json

Each attribute has its type; a block has its nesting and its own attributes.
"""

import io
import json
import re
import sys
import tarfile
import zipfile

ATTRIBUTE = re.compile(
    r'\n\s+(\w+): \{\s*value: .*?,\s*isBlock: (?:true|false),\s*type: "(\w+)",\s*storageClassType: "([\w$]+)",\s*\}', re.S
)
BLOCK = re.compile(r"\nfunction (\w+)ToHclTerraform\(struct\) \{(.*?)\n\}\n", re.S)
COMPUTED = re.compile(r"// (\w+) - computed: true")


def attributes(text, blocks):
    found = {}
    for name, nesting, kind in ATTRIBUTE.findall(text):
        block = blocks.get(re.sub("(List|Map)$", "", kind)) or blocks.get(kind)
        found[name] = {"nesting": nesting, "of": attributes(block, blocks)} if block else kind
    return found


def resource(text):
    blocks = {name[0].upper() + name[1:]: body for name, body in BLOCK.findall(text)}
    synthesis = text.index("synthesizeHclAttributes")
    found = attributes(text[synthesis:], blocks)
    for name in COMPUTED.findall(text[text.rindex("class ", 0, synthesis) : synthesis]):
        found.setdefault(name, "computed")
    return found


def main():
    wheel = zipfile.ZipFile(sys.argv[1])
    bindings = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    types = {}
    for member in (archive := tarfile.open(fileobj=io.BytesIO(wheel.read(bindings)))):
        if found := re.fullmatch(r"package/lib/(lambda-[a-z-]+)/index\.js", member.name):
            types["aws_" + found[1].replace("-", "_")] = resource(archive.extractfile(member).read().decode())
    types.pop("aws_lambda_invocation")
    json.dump(types, sys.stdout, indent=1, sort_keys=True)
    print()


main()
