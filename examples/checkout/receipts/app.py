"""Writes a receipt for an order."""


def handler(event, context):
    return {"receipt": f"Thank you for order {event.get('number')}."}
