"""Synapse, with other servers found where the file of HS_HOSTS_JSON says (docs/launcher.md)."""

import json
import os

from synapse.app.homeserver import main
from synapse.http.federation import matrix_federation_agent

hosts = {}
if os.environ.get("HS_HOSTS_JSON"):
    with open(os.environ["HS_HOSTS_JSON"]) as file:
        hosts = json.load(file)

by_name = matrix_federation_agent.HostnameEndpoint


def by_hosts(reactor, host, port, *args, **options):
    name = host.decode() if isinstance(host, bytes) else host
    address, _, other_port = hosts.get(f"{name}:{port}", hosts.get(name, name)).partition(":")
    return by_name(reactor, address, int(other_port or port), *args, **options)


matrix_federation_agent.HostnameEndpoint = by_hosts
main()
