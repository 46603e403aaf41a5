#!/usr/bin/env python3
"""Write src/sim/http/service_model/lambda.json, the table that drives the simulator, from botocore's service model.

    generate.py [SERVICE_MODEL]     a service-2.json or service-2.json.gz; default: the one of the botocore that is installed

The table keeps what a request can be held to: methods, paths, statuses, members with their place, and the constraints of every
shape. Documentation is left out. Two corrections come from answers recorded from the real service, because the published
model differs there: the order in which enum sets are printed, and patterns that the service had not changed yet.
"""

import gzip
import json
import pathlib
import sys

OUT = pathlib.Path(__file__).resolve().parents[2] / "src" / "sim" / "http" / "service_model" / "lambda.json"

# The order in which the service prints these sets.
ENUM_ORDER = {
    "Architecture": ["x86_64", "arm64"],
    "SnapStartApplyOn": ["PublishedVersions", "None"],
    "InvokeMode": ["RESPONSE_STREAM", "BUFFERED"],
    "EventSourcePosition": ["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"],
    "RecursiveLoop": ["Terminate", "Allow"],
}

REGION = r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}"
PATTERNS = {
    "TaggableResource": r"arn:(aws[a-zA-Z-]*):lambda:" + REGION + r":\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?"
    r"|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}"
    r"|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|capacity-provider:[a-zA-Z0-9-_]+)",
    # As the service prints it in public reports, without parentheses around the whole.
    "LayerVersionArn": r"(arn:(aws[a-zA-Z-]*)?:lambda:" + REGION + r":\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)"
    r"|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)",
}

# The service checks this member itself where a function is made or changed, after the framework and with a text of its own. The
# runtimes that a layer suits are left to the framework.
FUNCTION_INPUTS = {"CreateFunctionRequest", "UpdateFunctionConfigurationRequest"}
UNCHECKED = "Runtime"


def load(path):
    if path is None:
        import botocore

        path = pathlib.Path(botocore.__file__).parent / "data/lambda/2015-03-31/service-2.json.gz"
    path = pathlib.Path(path)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def operation(model, spec):
    http = spec["http"]
    path, _, query = http["requestUri"].partition("?")
    out = {"method": http["method"], "path": path, "status": http.get("responseCode", 200)}
    if query:
        out["query"] = dict(pair.split("=", 1) for pair in query.split("&"))
    for side in ("input", "output"):
        if side in spec:
            out[side] = spec[side]["shape"]
    return out


def shape(name, spec):
    out = {"type": spec["type"]}
    for key in ("min", "max", "required", "payload"):
        if spec.get(key) not in (None, []):
            out[key] = spec[key]
    if spec.get("sensitive"):
        out["sensitive"] = True
    if "pattern" in spec:
        out["pattern"] = PATTERNS.get(name, spec["pattern"])
    if "enum" in spec:
        out["enum"] = ENUM_ORDER.get(name, spec["enum"])
    for key in ("key", "value", "member"):
        if key in spec:
            out[key] = spec[key]["shape"]
    if spec.get("exception"):
        out["status"] = spec.get("error", {}).get("httpStatusCode", 500)
    if "members" in spec:
        out["members"] = {}
        for member, details in spec["members"].items():
            unchecked = name in FUNCTION_INPUTS and details["shape"] == UNCHECKED
            entry = {"shape": "String" if unchecked else details["shape"]}
            if "location" in details:
                entry["location"] = details["location"]
                entry["name"] = details.get("locationName", member)
            out["members"][member] = entry
    return out


def main():
    model = load(sys.argv[1] if len(sys.argv) > 1 else None)
    table = {
        "operations": {name: operation(model, spec) for name, spec in sorted(model["operations"].items())},
        "shapes": {name: shape(name, spec) for name, spec in sorted(model["shapes"].items())},
    }
    lines = ["{"]
    for index, (section, entries) in enumerate(table.items()):
        lines.append(f'"{section}": {{')
        rows = [f"{json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}" for name, entry in entries.items()]
        lines.append(",\n".join(rows))
        lines.append("}" if index else "},")
    lines.append("}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
