"""Starts the services of compose.yaml as plain processes. See compose-test.sh."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import yaml

HERE = Path(__file__).parent
SECRETS = {
    name: secrets.token_hex(32)
    for name in re.findall(r"^(\w+)=$", (HERE / ".env.example").read_text(), re.M)
}
PROGRAMS = {
    "api": ["axum-api"],
    "worker": ["axum-api"],
    "web": ["node", str(HERE / "nextjs-admin/.next/standalone/server.js")],
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def psql(url, sql):
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", url, "-c", sql], check=True)


def with_database(url, name):
    return urlsplit(url)._replace(path=f"/{name}").geturl()


class Services:
    """The services of the file, with the addresses that they have here."""

    def __init__(self, database):
        self.file = yaml.safe_load((HERE / "compose.yaml").read_text())["services"]
        self.database = database
        self.ports = {name: free_port() for name in ("api", "web")}
        self.running = {}

    def environment(self, name):
        """What the file says, with its secrets filled in and its hosts found on this machine."""
        environment = {}
        for key, value in self.file[name]["environment"].items():
            value = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda match: SECRETS[match[1]], value)
            if key == "DATABASE_URL":
                # Only the server differs: the scheme and the shape are the file's.
                assert urlsplit(value).scheme == urlsplit(self.database).scheme
                value = self.database
            elif key in ("HOST", "HOSTNAME"):
                value = "127.0.0.1"
            elif key == "PORT":
                assert value in self.file[name]["ports"][0], "the port that is published"
                value = str(self.ports[name])
            elif key == "API_URL":
                assert value == "http://api:3000", value
                value = f"http://127.0.0.1:{self.ports['api']}"
            environment[key] = value
        return environment

    def start(self, name):
        """Starts a service once those are healthy that it depends on."""
        if name in self.running or name == "postgres":
            return
        for dependency, condition in self.file[name].get("depends_on", {}).items():
            self.start(dependency)
            assert condition["condition"] == "service_healthy"
            if dependency != "postgres":
                self.wait_until_healthy(dependency)
        environment = {"PATH": os.environ["PATH"], **self.environment(name)}
        command = PROGRAMS[name] + self.file[name].get("command", [])
        print(f"starting {name}: {' '.join(command)}", flush=True)
        self.running[name] = (subprocess.Popen(command, env=environment), environment)

    def wait_until_healthy(self, name):
        """Asks with the health check of the file, or that of the image."""
        process, environment = self.running[name]
        check = self.file[name].get("healthcheck", {}).get("test") or image_check(name)
        for _ in range(100):
            assert process.poll() is None, f"{name} ended"
            asked = subprocess.run(check[1:], env=environment, stderr=subprocess.DEVNULL, check=False)
            if asked.returncode == 0:
                return
            time.sleep(0.2)
        raise AssertionError(f"{name} is not healthy")

    def stop(self):
        """As an engine does it; every service ends by itself and in good order."""
        codes = {}
        for name, (process, _) in reversed(self.running.items()):
            process.send_signal(signal.SIGTERM)
            try:
                codes[name] = process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                codes[name] = "killed"
        self.running = {}
        return codes


def image_check(name):
    """The HEALTHCHECK of a service's Dockerfile."""
    folder = {"web": "nextjs-admin", "api": "axum-api"}[name]
    text = (HERE / folder / "Dockerfile").read_text()
    return ["CMD", *json.loads(re.search(r"HEALTHCHECK.*?CMD (\[.*?\])$", text, re.M | re.S)[1])]


def call(base, token, method, path, body=None):
    request = urllib.request.Request(
        base + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as response:
            text = response.read()
            return response.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def main():
    server = os.environ["POSTGRES_URL"]
    names = [f"tracker_{os.getpid()}", f"tracker_{os.getpid()}_restored"]
    for name in names:
        psql(server, f"CREATE DATABASE {name}")
    database, restored = (with_database(server, name) for name in names)
    services = Services(database)
    try:
        for name in services.file:
            services.start(name)
        services.wait_until_healthy("web")
        base = f"http://127.0.0.1:{services.ports['api']}/api/v1"
        token = SECRETS["BOOTSTRAP_SUPPORT_TOKEN"]

        # The support makes a workspace and its admin, who works in it.
        status, workspace = call(base, token, "POST", "/workspaces", {"slug": "acme", "name": "Acme"})
        assert status == 201, workspace
        ada = {"workspace_id": workspace["id"], "name": "Ada", "email": "ada@example.com", "role": "admin"}
        status, member = call(base, token, "POST", "/members", ada)
        assert status == 201, member
        status, issued = call(base, token, "POST", f"/members/{member['id']}/token")
        assert status == 201, issued
        admin = issued["token"]
        projects = []
        for slug in ("kept", "trashed"):
            body = {"workspace_id": workspace["id"], "slug": slug, "name": slug}
            status, project = call(base, admin, "POST", "/projects", body)
            assert status == 201, project
            projects.append(project["id"])
        assert call(base, admin, "DELETE", f"/projects/{projects[1]}")[0] == 204

        # The front end asks for a sign-in, and is not reached without one.
        web = f"http://127.0.0.1:{services.ports['web']}"
        with urllib.request.urlopen(web) as response:
            assert "token" in response.read().decode().lower()

        # Backup and restore, as the README has them.
        with tempfile.NamedTemporaryFile() as dump:
            subprocess.run(["pg_dump", "-Fc", "-f", dump.name, database], check=True)
            assert call(base, admin, "POST", f"/projects/{projects[1]}/restore")[0] == 200
            restore = ["pg_restore", "--no-owner", "--exit-on-error", "-d", restored, dump.name]
            subprocess.run(restore, check=True)
        codes = services.stop()
        assert codes["api"] == 0 and codes["worker"] == 0, codes
        assert codes["web"] in (0, 143, -signal.SIGTERM), codes

        # On the restored database it is as it was at the time of the backup.
        services = Services(restored)
        services.start("api")
        services.wait_until_healthy("api")
        base = f"http://127.0.0.1:{services.ports['api']}/api/v1"
        assert call(base, admin, "GET", f"/projects/{projects[0]}")[0] == 200
        assert call(base, admin, "GET", f"/projects/{projects[1]}")[0] == 410
        status, trash = call(base, admin, "GET", "/trash")
        assert [item["id"] for item in trash["items"]] == [projects[1]], trash
        assert services.stop() == {"api": 0}
        print("the services start, work, end, and come back from a backup")
    finally:
        services.stop()
        for name in names:
            psql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


main()
