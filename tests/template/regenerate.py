#!/usr/bin/env python3
"""Packages every input with osls and stores what it makes. See README.md."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ANSWERS = ROOT / "answers" / "async-event-driven"
STARTERS = ["wild-rydes", "wild-rydes-ride-record", "wild-rydes-ride-fleet"]


def inputs(work):
    """(name, folder with a serverless.yml), each in a copy that may be changed."""
    for name in sorted(path.name for path in (HERE / "cases").iterdir()):
        folder = work / "cases" / name
        shutil.copytree(HERE / "cases" / name, folder)
        yield name, folder
    state = work / "state"
    shutil.copytree(ROOT / "assets" / "starter", state)
    for service in STARTERS:
        yield f"starter-{service}", state / service
    for patch in sorted(ANSWERS.glob("[0-9].*.patch")):
        if patch.name.count(".") > 2:  # a hint's scaffold, no answer
            continue
        before = {service: (state / service / "serverless.yml").read_text() for service in STARTERS}
        subprocess.run(["patch", "-p1", "-s", "-d", state, "-i", patch], check=True)
        for service in STARTERS:
            if (state / service / "serverless.yml").read_text() != before[service]:
                yield f"answer-{patch.stem}", state / service


def package(osls, folder):
    file = folder / "serverless.yml"
    original = file.read_text()
    file.write_text(re.sub(r"(?m)^plugins:\n(  - .*\n)+", "", original))
    (folder / "handlers").mkdir(exist_ok=True)
    (folder / "handlers" / "stand_in.py").write_text("")  # osls wants something to package
    values = json.loads((HERE / "values.json").read_text())
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "SLS_", "LOG_LEVEL"))}
    env = {**clean, **values["environment"], "SLS_TELEMETRY_DISABLED": "1", "SLS_NOTIFICATIONS_MODE": "off"}
    env["NODE_OPTIONS"] = f"--require {HERE / 'values.cjs'}"
    subprocess.run(["node", osls / "bin" / "serverless.js", "package"], cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
    template = (folder / ".serverless" / "cloudformation-template-update-stack.json").read_text()
    file.write_text(original)
    return json.loads(normal(template))


def normal(text):
    text = re.sub(r"(LambdaVersion)[0-9A-Za-z]{20,}", r"\1HASH", text)
    text = re.sub(r"(ApiGatewayDeployment)\d{8,}", r"\1INSTANCE", text)
    text = re.sub(r'("CodeSha256": )"[^"]*"', r'\1"HASH"', text)
    return re.sub(r'("S3Key": )"[^"]*"', r'\1"KEY"', text)


def main():
    osls = Path(sys.argv[1]).resolve() / "node_modules" / "osls"
    peer = HERE / "peer"
    shutil.rmtree(peer, ignore_errors=True)
    peer.mkdir()
    with tempfile.TemporaryDirectory() as work:
        for name, folder in inputs(Path(work)):
            template = package(osls, folder)
            (peer / f"{name}.json").write_text(json.dumps(template, indent=1) + "\n")
            print(name, len(template["Resources"]), "resources")


if __name__ == "__main__":
    main()
