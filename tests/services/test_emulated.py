"""The emulated services as a part of the server: where they listen, when they end, what is said where they can't be."""

import socket

import boto3
import pytest
from click.testing import CliRunner

from e2e.server import Server, eventually
from stepwell.cli import main


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("end", [Server.stop, Server.kill])
def test_the_services_end_with_the_server_however_it_ends(tmp_path, end):
    port = free_port()
    server = Server(tmp_path / "data", "--services", "emulated", "--services-port", str(port)).start()
    client = boto3.client(
        "sqs",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="1",
        aws_secret_access_key="2",
    )
    assert client.create_queue(QueueName="q")["QueueUrl"] == f"http://127.0.0.1:{port}/123456789012/q"
    end(server)
    eventually(lambda: listens(port), lambda found: not found)


def test_local_functions_find_the_emulated_services(run, service):
    found = run("lambda:invoke", {"FunctionName": "endpoint"})["Payload"]
    assert found == service("sqs").meta.endpoint_url


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = serve(tmp_path, "--services-port", str(port))
    assert f"port {port}, where the emulated services are to listen, can't be had" in told
    assert "--services-port" in told


def test_without_the_extra_the_message_names_it(tmp_path, monkeypatch):
    monkeypatch.setattr("stepwell.app.emulated.find_spec", lambda _: None)
    assert "pip install 'stepwell[emulated]'" in serve(tmp_path)


def serve(tmp_path, *options):
    """Return what the command says that can't serve."""
    where = ["--data", str(tmp_path / "data"), "--port", "0"]
    result = CliRunner().invoke(main, ["serve", *where, "--services", "emulated", *options])
    assert result.exit_code == 1
    return result.output
