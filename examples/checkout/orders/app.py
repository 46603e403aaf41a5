"""Takes an order from the queue or from a caller, and answers with its number."""

import json
import os


def handler(event, context):
    records = event.get("Records", [event])
    numbers = [json.loads(record["body"])["number"] if "body" in record else record.get("number") for record in records]
    return {"table": os.environ["TABLE"], "orders": numbers}
