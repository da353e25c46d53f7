"""Reads a stream with the public Python clients of NATS and CloudEvents and compares each message
with what the log says.

usage: cloudevents_check.py NATS_URL STREAM EXPECTED_JSON
"""

import asyncio
import json
import sys

import nats
from cloudevents.core.bindings.http import HTTPMessage, from_binary
from cloudevents.core.formats.json import JSONFormat


def attributes_of(message):
    """The CloudEvents attributes and data of a NATS message, read by the library."""
    # In binary mode the bindings of NATS and HTTP use the same headers and percent-encoding.
    headers = {name.lower(): value for name, value in message.headers.items()}
    event = from_binary(HTTPMessage(headers=headers, body=message.data), JSONFormat())
    return event.get_attributes(), event.get_data()


def differences(expected, message):
    """What a message says otherwise than its event in the log."""
    attributes, data = attributes_of(message)
    found = dict(attributes)
    found["time"] = found["time"].isoformat(timespec="microseconds").replace("+00:00", "Z")
    wrong = [
        f"{name}: {found.get(name)!r}, not {value!r}"
        for name, value in expected["attributes"].items()
        if found.get(name) != value
    ]
    if data != expected["data"]:
        wrong.append(f"data: {data!r}, not {expected['data']!r}")
    if message.subject != expected["subject"]:
        wrong.append(f"subject: {message.subject}, not {expected['subject']}")
    return wrong


async def main(url, stream, path):
    with open(path, encoding="utf-8") as file:
        expected = json.load(file)
    client = await nats.connect(url)
    jetstream = client.jetstream()
    subscription = await jetstream.subscribe("", stream=stream, ordered_consumer=True)
    wrong = []
    for event in expected:
        message = await subscription.next_msg(timeout=20)
        sequence = message.metadata.sequence.stream
        wrong += [f"message {sequence}: {text}" for text in differences(event, message)]
    await client.close()
    print(f"{len(expected)} messages, {len(wrong)} differences")
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:4])))
