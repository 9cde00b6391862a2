"""Compares what the API does with what it says of itself, for `cargo xtask test`.

Usage: python description.py SERVER

SERVER is the program `strongroom`. It serves a data folder of its own on a port of its own, with one document in it, and
is asked with a token of ops, with one of a client, and with none.
"""

import io
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request

import docx

HERE = pathlib.Path(__file__).parent
PASSWORD = "eight small boats at dawn"
SEED = "1"
EXAMPLES = "10"
OPERATION_THAT_ENDS_ITS_TOKEN = "/api/v1/logout"


def make_people(server, folder):
    """One of ops, and a client, who elsewhere comes to be by mail."""
    for email in ["ops@example.com", "client@example.com"]:
        command = [server, "ops", "create", "--email", email, "--data", folder]
        subprocess.run(command, input=f"{PASSWORD}\n", text=True, check=True, stdout=subprocess.DEVNULL)
    with sqlite3.connect(f"{folder}/strongroom.db") as db:
        db.execute("UPDATE accounts SET role = 'client' WHERE email = 'client@example.com'")
    db.close()


def ask(url, body, kind, token=None):
    headers = {"Content-Type": kind}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        return json.load(answer)


def sign_in(base, email):
    body = json.dumps({"email": email, "password": PASSWORD}).encode()
    return ask(f"{base}/api/v1/login", body, "application/json")["token"]


def deposit(base, token):
    file = io.BytesIO()
    docx.Document().save(file)
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.docx"\r\n\r\n'
    body = head + file.getvalue() + b"\r\n--b--\r\n"
    ask(f"{base}/api/v1/upload", body, "multipart/form-data; boundary=b", token)


def compare(base, folder, who, token):
    """Whether the answers were as described. What the tool leaves behind stays in the folder."""
    print(f"== {who}", flush=True)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml"]
    command += ["run", f"{base}/api/v1/openapi.json", "--seed", SEED, "--max-examples", EXAMPLES]
    command += ["--generation-database", "none", "--no-color", "--warnings", "off"]
    if token:
        command += ["-H", f"Authorization: Bearer {token}", "--exclude-path", OPERATION_THAT_ENDS_ITS_TOKEN]
    return subprocess.run(command, cwd=folder).returncode == 0


def main():
    server = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        make_people(server, folder)
        command = [server, "serve", "--listen", "127.0.0.1:0", "--data", folder]
        with open(f"{folder}/log", "w") as log, subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True
        ) as portal:
            try:
                base = portal.stdout.readline().strip().split(" is at ")[1]
                ops, client = (sign_in(base, f"{name}@example.com") for name in ["ops", "client"])
                deposit(base, ops)
                agree = [compare(base, folder, *who) for who in [("ops", ops), ("client", client), ("nobody", None)]]
            finally:
                portal.terminate()
        failures = [line for line in open(f"{folder}/log") if "ERROR" in line]
    sys.stdout.writelines(failures)
    sys.exit(0 if all(agree) and not failures else 1)


main()
