"""Judges events and resolves states by Synapse's own functions: a JSON object a line in, one a line out.

No server, no database. What Synapse asks its store for comes from the events of the input.
"""

import hashlib
import json
import logging
import sys

from synapse.api.errors import SynapseError
from synapse.api.room_versions import KNOWN_ROOM_VERSIONS, StateResolutionVersions
from synapse.event_auth import (
    check_state_dependent_auth_rules,
    check_state_independent_auth_rules,
)
from synapse.events import make_event_from_dict
from synapse.federation.federation_base import event_from_pdu_json
from synapse.state import v1, v2
from synapse.storage.databases.main.event_federation import StateDifference


class EventStore:
    """The part of Synapse's storage that authorization and state resolution ask for."""

    def __init__(self, events):
        self.events = {event.event_id: event for event in events}

    def add(self, event):
        self.events[event.event_id] = event

    async def get_events(self, event_ids, redact_behaviour=None, get_prev_content=False, allow_rejected=False):
        return {id: self.events[id] for id in event_ids if id in self.events}

    async def get_auth_chain_difference(self, room_id, state_sets, conflicted, additional):
        """Of the database's events, of which there are none: Synapse finds that of the others by itself."""
        return StateDifference(auth_difference=set(), conflicted_subgraph=None if conflicted is None else set())


class Clock:
    async def sleep(self, duration):
        pass


def run(coroutine):
    """Nothing here ever waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("waited")


def is_allowed(check):
    """`a` or `r`; `e` if Synapse fails without a verdict."""
    try:
        check()
        return "a", None
    except SynapseError as refusal:
        return "r", refusal.msg
    except Exception as error:
        return "e", f"{type(error).__name__}: {error}"


def judge(case):
    version = KNOWN_ROOM_VERSIONS[case["version"]]
    state = [make_event_from_dict(pdu, version) for pdu in case["state"]]
    auth = [
        make_event_from_dict(named["pdu"], version, rejected_reason="rejected" if named["rejected"] else None)
        for named in case["auth"]
    ]

    def check():
        event = event_from_pdu_json(case["event"], version)
        run(check_state_independent_auth_rules(EventStore(state + auth), event))
        check_state_dependent_auth_rules(event, state)

    verdict, reason = is_allowed(check)
    return {"verdict": verdict, "reason": reason}


def resolve(version, room_id, states, store):
    """All events are handed over as ones that are not in the database yet."""
    states = [dict(entries) for entries in {tuple(sorted(state.items())) for state in states}]
    if len(states) == 1:
        return states[0]
    if version.state_res == StateResolutionVersions.V1:
        resolution = v1.resolve_events_with_store(room_id, version, states, None, store.get_events)
    else:
        resolution = v2.resolve_events_with_store(Clock(), room_id, version, states, dict(store.events), store)
    return dict(run(resolution))


def walk(history):
    """The states of a room whose events come in this order; `room-history.ts` is the same of ours."""
    version = KNOWN_ROOM_VERSIONS[history["version"]]
    store = EventStore([])
    states_after = {}
    lines = []
    merges = []
    room_id = None
    for pdu in history["events"]:
        event = make_event_from_dict(pdu, version)
        room_id = room_id or event.room_id
        states = [states_after[id] for id in event.prev_event_ids()]
        before = resolve(version, room_id, states, store) if states else {}
        auth = run(store.get_events(event.auth_event_ids()))

        def check():
            run(check_state_independent_auth_rules(store, event))
            check_state_dependent_auth_rules(event, auth.values())
            check_state_dependent_auth_rules(event, [store.events[id] for id in before.values()])

        verdict, reason = is_allowed(check)
        if verdict == "e":
            raise RuntimeError(f"{event.event_id}: {reason}")
        if verdict == "r":
            event = make_event_from_dict(pdu, version, rejected_reason="rejected")
        store.add(event)
        after = dict(before)
        if verdict == "a" and event.is_state():
            after[(event.type, event.state_key)] = event.event_id
        states_after[event.event_id] = after
        lines.append(verdict)
        if len(states) > 1:
            merges.append(state_text(before))
    if "states" in history:
        last = [[store.events[id] for id in ids] for ids in history["states"]]
        last = [{(event.type, event.state_key): event.event_id for event in state} for state in last]
    else:
        last = [states_after[id] for id in history["heads"]]
    final = resolve(version, room_id, last, store)
    answer = {"final": digest(state_text(final)), "walk": digest("".join(lines) + "\n" + "\n\n".join(merges))}
    if history.get("isVerbose"):
        answer.update({"verdicts": "".join(lines), "merges": merges, "state": state_text(final)})
    return answer


def state_text(state):
    return "\n".join(sorted(json.dumps([*key, id], separators=(",", ":"), ensure_ascii=False) for key, id in state.items()))


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def main():
    logging.disable(logging.CRITICAL)
    kinds = {"judge": judge, "walk": walk}
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(kinds[question["kind"]](question)), flush=True)


main()
