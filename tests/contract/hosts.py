"""The sandbox answers to names of this machine alone, whatever is asked, and to its control's token alone."""

import http.client
import json
import os
import urllib.parse

from support import ENDPOINT, same

port = urllib.parse.urlparse(ENDPOINT).port
token = {"Authorization": f"Bearer {os.environ['RYDES_TOKEN']}"}


def ask(method, path, host, headers=token, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    if host is not None:
        connection.putheader("Host", host)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


for host in (f"127.0.0.1:{port}", "127.0.0.1", "localhost", f"localhost:{port}", f"[::1]:{port}", f"sqs.us-east-2.localhost:{port}"):
    status, body = ask("GET", "/rydes/status", host)
    same((host, status), (host, 200))
    assert json.loads(body)["pid"] and json.loads(body)["speed"] == 1.0, body

for host in ("example.com", f"example.com:{port}", "127.0.0.1.example.com", "localhost.example.com", "0.0.0.0", "", None):
    for path in ("/rydes/status", "/", "/execute-api/x/dev/ride"):
        same((host, path, ask("GET", path, host)[0]), (host, path, 403))
# The authority of a URL counts as much as the header.
same(ask("GET", "http://example.com/rydes/status", f"127.0.0.1:{port}")[0], 403)

for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}, {"Authorization": os.environ["RYDES_TOKEN"]}):
    for method, path in (("GET", "/rydes/status"), ("POST", "/rydes/stop"), ("GET", "/rydes/activity"), ("POST", "/rydes/speed")):
        same((path, ask(method, path, "localhost", headers)[0]), (path, 401))

status, body = ask("POST", "/rydes/speed", "localhost", body=b'{"speed": 30}')
same((status, json.loads(body)["speed"]), (200, 30.0))
same(ask("POST", "/rydes/speed", "localhost", body=b'{"speed": -1}')[0], 400)
same(json.loads(ask("GET", "/rydes/status", "localhost")[1])["speed"], 30.0)

# Too much is refused before it is read.
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
connection.putrequest("POST", "/")
connection.putheader("Content-Length", str(21 << 20))
connection.endheaders()
same(connection.getresponse().status, 413)
