"""What schemathesis must know of the staff API: who calls, what is there, and in which version.

`tests/suite/staff_document.rs` starts the service, fills it and names a file with what it made in
`CABILDO_SEEDS`. A generated call that is meant to hold is now and then given an id that is there, the
version that it has and words that the service knows, since nobody guesses those; until an operation
has succeeded once, all its calls are. What is meant to be wrong stays as it was generated. How often
each operation gave which status is written to `CABILDO_REACH`.
"""

import atexit
import collections
import json
import os
import random
import threading
import uuid

import requests
import schemathesis
from schemathesis.generation import GenerationMode

with open(os.environ["CABILDO_SEEDS"], encoding="utf-8") as file:
    GIVEN = json.load(file)
BASE = GIVEN["url"]
HERE = "/staff/v1"
PLACE = GIVEN["municipality"]
# How often a call that is meant to hold gets what is there.
HELPED = 0.5

session = requests.Session()
lock = threading.RLock()
answers = collections.defaultdict(collections.Counter)
if os.path.exists(os.environ["CABILDO_REACH"]):
    # A run goes on with what the one before it counted.
    with open(os.environ["CABILDO_REACH"], encoding="utf-8") as file:
        for name, counts in json.load(file).items():
            answers[name].update({int(status): count for status, count in counts.items()})
spare = {name: list(GIVEN[name]) for name in ("sessions", "tokens", "recovery_codes", "users", "demands")}


def take(name):
    """The next of something that is used up; the last one stays."""
    with lock:
        left = spare[name]
        return left.pop() if len(left) > 1 else left[0]


def who(operation):
    """The name of an account that may call an operation."""
    allowed = operation.definition.raw.get("description", "")
    for role, name in (
        ("caseworker", "worker"),
        ("moderator", "worker"),
        ("administrator", "administrator"),
        ("editor", "editor"),
        ("approver", "approver"),
    ):
        if role in allowed:
            return name
    return "auditor" if "auditor" in allowed else random.choice(["worker", "administrator", "auditor"])


def call(method, path, name, body=None, headers=None):
    """A call beside those of schemathesis; its document, or nothing."""
    headers = {"Authorization": "Bearer " + GIVEN["people"][name]["token"], **(headers or {})}
    if method != "GET":
        headers["Idempotency-Key"] = str(uuid.uuid4())
    answer = session.request(method, BASE + HERE + path, json=body, headers=headers, timeout=30)
    return answer.json() if answer.ok else {}


@schemathesis.auth(refresh_interval=None)
class Sessions:
    """The session of somebody who may call the operation, or now and then of somebody else."""

    def get(self, case, context):
        operation = context.operation
        if operation.definition.raw["operationId"] == "signOut":
            return take("tokens")
        reached = any(200 <= it < 300 for it in answers[operation.definition.raw["operationId"]])
        if reached and random.random() < 0.05:
            return random.choice(list(GIVEN["people"].values()))["token"]
        return GIVEN["people"][who(operation)]["token"]

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": "Bearer " + data}


def one_case():
    return call("GET", "/cases/" + random.choice(GIVEN["cases"]), "worker")


def item(path, name):
    found = call("GET", path, name).get("items", [])
    return random.choice(found) if found else None


def item_in(path, states, name):
    """One in any of these states, where there is one."""
    for state in random.sample(states, len(states)):
        found = item(path + "?state=" + state, name)
        if found:
            return found
    return None


def if_match(case, version):
    case.headers = {**(case.headers or {}), "If-Match": f'"{version}"'}


def word(*words):
    return random.choice(words)


def moved(found):
    state = random.choice(found["next_states"]) if found["next_states"] else "in_progress"
    return {
        "state": state,
        "reason": "ya quedó",
        "original": random.choice(GIVEN["cases"]),
        "referral": {"name": "CFE", "phone": "071"},
        "date": "2026-12-01",
        "cost": 1000,
    }


# What an act on a case needs besides its version.
ACTS = {
    "replyToCase": lambda it: {"text": "Va la cuadrilla. Folio {folio}", "state": None, "language": None},
    "noteCase": lambda it: {"text": "hablar con Obras"},
    "assignCase": lambda it: {"assignee": random.choice([GIVEN["people"]["worker"]["id"], None])},
    "moveCase": moved,
    "labelCase": lambda it: {"add": ["bache"], "remove": ["fuga"]},
    "prioritiseCase": lambda it: {"priority": word("low", "normal", "high", "urgent")},
    "snoozeCase": lambda it: {"until": GIVEN["now"] + 3_600_000, "reply": False},
    "categoriseCase": lambda it: {"category": word("water", "roads")},
    "handOverCase": lambda it: {"office": it["row"]["office"], "note": "les toca"},
    "closeText": lambda it: {"confidentiality": word("open", "confidential", "restricted"), "reason": "pide"},
    "mergeCase": lambda it: {"into": random.choice(GIVEN["cases"])},
    "revealNumber": lambda it: {"contact": it["people"][0]["contact"], "reason": "pide que le llamen"},
}


def act(name, case):
    found = one_case()
    if not found:
        return
    case.path_parameters = {"id": found["row"]["id"]}
    put(case, {"version": found["row"]["version"], **ACTS[name](found)})


def put(case, fields):
    """Fields of the body; `None` takes one away."""
    body = case.body if isinstance(case.body, dict) else {}
    body = {**body, **fields}
    case.body = {name: it for name, it in body.items() if it is not None}


def take_back(case):
    found = one_case()
    made = call(
        "POST",
        f"/cases/{found['row']['id']}/reply",
        "worker",
        {"version": found["row"]["version"], "text": "hola", "wait": False},
    )
    if made.get("send"):
        case.path_parameters = {"id": made["send"]["id"]}
        put(case, {"version": made["case"]["version"]})


def message(case, state):
    found = call("GET", "/outbox?part=failed&limit=200", "worker").get("items", [])
    found = [it for it in found if it["state"] == state]
    if found:
        case.path_parameters = {"id": found[0]["id"]}
    case.body = {"arrived": True} if state == "unknown" else {}


def feedback(case):
    found = item_in("/feedback", ["waiting", "shown", "hidden"], "worker")
    if found:
        case.path_parameters = {"id": found["id"]}
        put(
            case,
            {
                "version": found["version"],
                "decision": word("shown", "hidden", "asked", "waiting"),
                "reason": "other",
                "question": "¿En qué colonia?",
            },
        )


def unknown(case):
    found = item_in("/unknown-texts", ["waiting", "dismissed"], "worker")
    if found:
        case.path_parameters = {"id": found["id"]}
        put(
            case,
            {
                "version": found["version"],
                "act": word("answer", "dismiss", "wait", "open_case"),
                "text": "Abrimos a las 9.",
                "municipality": None,
                "category": "water",
                "kind": word("question", "complaint", None),
            },
        )


def privacy_request(case):
    found = item("/privacy-requests", "administrator")
    if found:
        case.path_parameters = {"id": found["id"]}
        if case.operation.definition.raw["operationId"] == "decidePrivacyRequest":
            put(case, {"version": found["version"], "decision": word("done", "refused"), "reason": "ya quedó"})


def new_canned():
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return {
        "version": 0,
        "municipality": "",
        "letter": random.choice(letters),
        "title": "Acuse",
        "texts": {"es-MX": "Su reporte {folio}."},
    }


def canned(case, remove):
    found = item("/canned-replies", "administrator")
    if not found:
        call("POST", "/canned-replies", "administrator", new_canned())
        found = item("/canned-replies", "administrator")
    if not found:
        return
    case.path_parameters = {"id": found["id"]}
    if remove:
        if_match(case, found["version"])
    else:
        put(case, {**new_canned(), "version": found["version"], "letter": found["letter"]})


def new_view():
    return {"version": 0, "name": uuid.uuid4().hex[:8], "filter": "state=open&label=bache"}


def view(case, remove):
    found = item("/views", "worker") or call("POST", "/views", "worker", new_view())
    if not found:
        return
    case.path_parameters = {"id": found["id"]}
    if remove:
        if_match(case, found["version"])
    else:
        put(case, {"version": found["version"], "name": found["name"], "filter": "state=closed"})


def add_view(case):
    found = call("GET", "/views", "worker").get("items", [])
    for it in found[10:]:
        call("DELETE", "/views/" + it["id"], "worker", headers={"If-Match": f'"{it["version"]}"'})
    put(case, new_view())


def user(case, fields):
    found = call("GET", "/users/" + random.choice(GIVEN["users"]), "administrator")
    if found:
        case.path_parameters = {"id": found["id"]}
        if fields is not None:
            case.headers = {name: it for name, it in (case.headers or {}).items() if name.lower() != "if-match"}
            put(case, {"version": found["version"], **fields})


def own(kind):
    """A document of the municipality's own of this kind, written where there is none."""
    path = f"/municipalities/{PLACE}/{kind}"
    found = [it for it in call("GET", path, "administrator").get("items", []) if it["version"] > 0]
    if found:
        return random.choice(found)
    it = item(path, "administrator")
    body = {name: value for name, value in it.items() if name not in ("id", "municipality", "code")}
    return call("PUT", f"{path}/{it['code']}", "administrator", body) or it


def document(case, kind, remove):
    it = own(kind)
    case.path_parameters = {"municipality": PLACE, "code": it["code"]}
    if remove:
        if_match(case, it["version"])
    else:
        put(case, {name: value for name, value in it.items() if name not in ("id", "municipality", "code")})


def calendar(case):
    case.path_parameters = {"municipality": PLACE}
    there = call("GET", f"/municipalities/{PLACE}/calendar", "administrator")
    put(case, {"version": there.get("version", 0), "days": [{"date": "2026-12-12", "name": "feria"}]})


def sign_in(case):
    case.body = {
        "with": "recovery_code",
        "name": GIVEN["name"],
        "password": GIVEN["password"],
        "recovery_code": take("recovery_codes"),
    }


def unblock():
    """Frees this machine from what wrong passwords led to, so that the next one is looked at."""
    for it in call("GET", "/sign-in-locks", "administrator").get("items", []):
        call("DELETE", "/sign-in-locks/" + it["id"], "administrator")


def set_up(case):
    unblock()
    name = "u" + uuid.uuid4().hex[:12]
    new = {"name": name, "shown_name": "Ana", "roles": [{"role": "caseworker", "scope": "country"}]}
    made = call("POST", "/users", "administrator", new)
    case.body = {"name": name, "setup_code": made.get("setup_code", ""), "password": "tortilla azul 1821"}


def release(case):
    wrong = {"with": "password", "name": "nobody", "password": "wrong password 1", "totp": "000000"}
    for _ in range(8):
        found = item("/sign-in-locks", "administrator")
        if found:
            case.path_parameters = {"lock": found["id"]}
            return
        session.post(BASE + HERE + "/sessions", json=wrong, timeout=30)


def chart(case):
    case.path_parameters = {"municipality": PLACE}
    kind = word("bars", "trend", "family", "country", "times", None)
    query(case, kind=kind, topic=None if kind == "times" else "agua", language=word("en", None))


def query(case, **fields):
    case.query = {name: it for name, it in fields.items() if it is not None}


def path(case, **fields):
    case.path_parameters = fields


def any_case(case):
    path(case, id=random.choice(GIVEN["cases"]))


def demand_act(demand, name, **fields):
    """An act on a demand beside those of schemathesis, on the version that it has."""
    version = call("GET", f"/demands/{demand}", "worker").get("row", {}).get("version", 0)
    return call("POST", f"/demands/{demand}/{name}", "worker", {"version": version, **fields})


def promise():
    step = {"title": "Proyecto", "due_on": "2027-01-31", "state": "finished"}
    state = word("not_started", "in_progress", "stuck", "finished", "incomplete")
    return {"title": "Pozo", "owner": "Obras", "due_on": "2027-06-30", "state": state, "percent": 40, "milestones": [step]}


def acta(picture=None):
    fields = {"folio": uuid.uuid4().hex[:12], "heads": 40, "held_on": "2026-09-13", "place": "Cancha"}
    return {**fields, "picture": picture} if picture else fields


SAID = {"verdict": "accepted", "reason": "Hay recurso", "cost": 1_000_000, "due_on": "2027-06-30"}


def fresh(*acts):
    """A demand that waits for a moderator, after these acts."""
    demand = take("demands")
    prepared = {
        "publish": {},
        "answer": SAID,
        "promise": {"promise": promise()},
        "add-acta": acta(),
    }
    for name in acts:
        demand_act(demand, name, **prepared[name])
    return demand


def on_demand(case, demand, fields):
    """Makes a call an act on a demand as it is."""
    found = call("GET", f"/demands/{demand}", "worker")
    if found:
        case.path_parameters = {"id": demand}
        put(case, {"version": found["row"]["version"], **(fields(found) if callable(fields) else fields)})


def opened():
    """A demand that staff opened out of a case, which has no author to ask."""
    case = call("POST", "/cases", "worker", GIVEN["walk_in"])["case"]["id"]
    body = {"municipality": PLACE, "topic": "agua", "text": "Agua diario en la colonia", "cases": [case]}
    return call("POST", "/demands", "worker", body)["id"], case


def merged():
    child, _ = opened()
    demand_act(child, "merge", into=fresh("publish"), reason="lo mismo")
    return child


def picture(case):
    demand = fresh("publish")
    demand_act(demand, "add-acta", **acta(GIVEN["media"][1]))
    actas = call("GET", f"/demands/{demand}", "worker").get("actas", [])
    if actas:
        path(case, id=demand, acta=actas[0]["id"])


def author_message(case):
    found = item("/author-messages", "worker")
    if found:
        decision = {"decision": "sent", "reason": None} if random.random() < 0.5 else {"decision": "refused", "reason": "no"}
        which = {"message": found["id"], "message_version": found["version"]}
        on_demand(case, found["demand"], {**which, **decision})


def leader(case, fields):
    found = item("/leaders?state=" + word("asked", "asked", "verified"), "worker")
    if found:
        path(case, id=found["id"])
        put(case, fields(found))


def verify(case):
    found = one_case()
    if found:
        path(case, id=found["people"][0]["contact"])
        put(case, {"case": found["row"]["id"], "demand": None, "reason": "vino a la ventanilla"})


def open_demand(case):
    _, made = opened()
    fields = {"municipality": PLACE, "topic": "agua", "office": "public_works", "text": "Agua diario en la colonia"}
    put(case, {**fields, "cases": [made]})


def link(case, name):
    demand, made = opened()
    on_demand(case, demand, {"case": made} if name == "unlinkCase" else {"cases": [made], "invite": True})


# Acts on demands: on which, and what they need besides its version.
DEMAND_ACTS = {
    "publishDemand": (lambda: fresh(), {"office": "public_works"}),
    "rejectDemand": (lambda: fresh(), {"reason": "Nombra a una persona"}),
    "handOverDemand": (lambda: fresh("publish"), {"office": "public_works"}),
    "answerDemand": (lambda: fresh("publish"), SAID),
    "promiseDemand": (lambda: fresh("publish", "answer"), lambda it: {"promise": promise()}),
    "updatePromise": (
        lambda: fresh("publish", "answer", "promise"),
        lambda it: {"promise_version": (it.get("commitment") or {}).get("version", 0), "promise": promise()},
    ),
    "mergeDemand": (lambda: opened()[0], lambda it: {"into": fresh("publish"), "reason": "lo mismo"}),
    "unmergeDemand": (merged, {"reason": "no era lo mismo"}),
    "clearFlags": (lambda: fresh("publish"), {"flags": ["range"], "reason": "llamamos"}),
    "addActa": (lambda: fresh("publish"), lambda it: acta()),
    "voidActa": (
        lambda: fresh("publish", "add-acta"),
        lambda it: {"acta": (it["actas"] or [it["row"]])[0]["id"], "reason": "dos veces"},
    ),
    "callActa": (
        lambda: fresh("publish", "add-acta"),
        lambda it: {"acta": (it["actas"] or [it["row"]])[0]["id"], "called": 5, "confirmed": 4},
    ),
    "endorseDemand": (lambda: fresh("publish"), {"organisation": "Comité del Agua"}),
    "unendorseDemand": (lambda: fresh("publish"), {"organisation": "Comité del Agua"}),
}


def written():
    """A broadcast as it is written."""
    return {
        "title": "Junta",
        "texts": [{"language": "es-MX", "text": "El viernes hay junta."}],
        "audience": {"places": ["municipality:" + PLACE]},
        "channels": ["kannel"],
    }


def broadcast(*acts):
    """A new one, after these acts."""
    made = call("POST", "/broadcasts", "editor", written())
    for name in acts:
        body = {
            "submit": {"version": made.get("version")},
            "approve": {"hash": made.get("hash")},
            "hold": {"reason": "errata"},
        }[name]
        who = "approver" if name == "approve" else "editor"
        made = call("POST", f"/broadcasts/{made.get('id')}/{name}", who, body) or made
    return made["id"]


def on_broadcast(case, which, fields):
    """Makes a call an act on a broadcast as it is."""
    found = call("GET", f"/broadcasts/{which}", "editor")
    if found:
        path(case, id=which)
        put(case, fields(found))


def seen(found, **fields):
    return {"version": found["row"]["version"], **fields}


# Acts on broadcasts: on which, and what they need.
BROADCAST_ACTS = {
    "editBroadcast": (broadcast, lambda it: seen(it, draft=written())),
    "submitBroadcast": (broadcast, seen),
    "approveBroadcast": (lambda: broadcast("submit"), lambda it: {"hash": it["hash"], "people": None}),
    "holdBroadcast": (lambda: broadcast("submit", "approve"), lambda it: {"reason": "errata"}),
    "releaseBroadcast": (
        lambda: broadcast("submit", "approve", "hold"),
        lambda it: {"hash": it["hash"], "people": None},
    ),
    "stopBroadcast": (lambda: broadcast("submit", "approve"), lambda it: {"reason": "ya no"}),
    "withdrawBroadcast": (broadcast, seen),
    "testBroadcast": (broadcast, lambda it: seen(it, language="es-MX")),
    "correctBroadcast": (lambda: GIVEN["broadcast"], seen),
}


def card_text(contact="Obras Publicas"):
    """What is written of a card."""
    return {
        "theme": "housing",
        "title": "Piso firme por faenas",
        "done": "412 pisos con tequio y material del municipio",
        "cost": "4.1 mdp",
        "contact": contact,
        "learned": "",
        "evidence": ["https://huixtan.gob.mx/pisos"],
        "sdg": 11,
    }


def proposed(contact="Obras Publicas"):
    """A card of a municipality whose figure got better."""
    return {"municipality": "07038", "topic": "casa", "text": card_text(contact)}


def card(*acts, contact="Obras Publicas"):
    """A new card, written by somebody else than who acts on it, after these acts."""
    made = call("POST", "/highlights", "writer", proposed(contact))
    for name in acts:
        found = call("GET", f"/highlights/{made['id']}", "writer")
        body = seen(found, **({"hash": found["hash"]} if name == "approve" else {}))
        who = "approver" if name == "approve" else "writer"
        call("POST", f"/highlights/{made['id']}/{name}", who, body)
    return made["id"]


def on_card(case, which, fields):
    """Makes a call an act on a card as it is."""
    found = call("GET", f"/highlights/{which}", "editor")
    if found:
        path(case, id=which)
        put(case, fields(found))


# Acts on cards: on which, and what they need.
HIGHLIGHT_ACTS = {
    "editHighlight": (card, lambda it: seen(it, text=card_text())),
    "submitHighlight": (card, seen),
    "clearHighlight": (
        lambda: card(contact="Dudas al 55 1234 5678"),
        lambda it: seen(it, hash=it["hash"]),
    ),
    "approveHighlight": (lambda: card("submit"), lambda it: seen(it, hash=it["hash"])),
    "rejectHighlight": (lambda: card("submit"), lambda it: seen(it, reason="falta el costo")),
    "withdrawHighlight": (card, lambda it: seen(it, reason="ya no")),
    "adoptHighlight": (
        lambda: card("submit", "approve"),
        lambda it: seen(it, municipality=PLACE, learned_from=None, adopted_on="2026-05-01"),
    ),
    "broadcastHighlight": (
        lambda: card("submit", "approve"),
        lambda it: seen(it, channels=["kannel"], send_at=None),
    ),
}


def any_demand(case):
    path(case, id=random.choice(GIVEN["demands"]))


def preview_answer(case):
    any_demand(case)
    put(case, SAID)


HELP = {
    "listDemands": lambda it: query(
        it,
        queue=word("moderation", "collecting", "reached", "answered", "silent", "flagged", None),
        municipality=word(PLACE, None),
        sort=word("newest", "oldest", None),
        limit=3,
    ),
    "countDemands": lambda it: query(it, municipality=word(PLACE, None)),
    "getDemand": any_demand,
    "getActaPicture": picture,
    "getSentPicture": lambda it: path(it, id=GIVEN["pictured"][0], picture=GIVEN["pictured"][1]),
    "listCaseDemands": lambda it: any_case(it),
    "listAuthorMessages": lambda it: query(it, limit=2),
    "listOfficeRecords": lambda it: query(it, municipality=PLACE),
    "listCommitments": lambda it: query(it, municipality=word(PLACE, None), limit=2),
    "openDemand": open_demand,
    "linkCases": lambda it: link(it, "linkCases"),
    "unlinkCase": lambda it: link(it, "unlinkCase"),
    "previewDemandAnswer": preview_answer,
    "decideAuthorMessage": author_message,
    "listLeaders": lambda it: query(it, state=word("asked", "verified", "refused", None), limit=2),
    "decideLeader": lambda it: leader(
        it,
        lambda found: {
            "version": found["version"],
            **word({"decision": "verified", "reason": None}, {"decision": "refused", "reason": "no contestó"}),
        },
    ),
    "revealLeader": lambda it: leader(it, lambda found: {"reason": "verificar"}),
    "verifyNumber": verify,
    **{name: (lambda it, which=which, fields=fields: on_demand(it, which(), fields)) for name, (which, fields) in DEMAND_ACTS.items()},
    "listBroadcasts": lambda it: query(it, state=word("draft", "done", None), limit=2),
    "getBroadcast": lambda it: path(it, id=GIVEN["broadcast"]),
    "addBroadcast": lambda it: put(it, {**written(), "send_at": None, "tags": None, "highlight_id": None}),
    **{
        name: (lambda it, which=which, fields=fields: on_broadcast(it, which(), fields))
        for name, (which, fields) in BROADCAST_ACTS.items()
    },
    "listHighlights": lambda it: query(it, state=word("draft", "published", None), limit=2),
    "getHighlight": lambda it: path(it, id=card()),
    "getHighlightAudience": lambda it: path(it, id=card()),
    "listHighlightCandidates": lambda it: query(it, municipality=word("07", None)),
    "checkHighlight": lambda it: put(it, proposed()),
    "proposeHighlight": lambda it: put(it, proposed()),
    **{
        name: (lambda it, which=which, fields=fields: on_card(it, which(), fields))
        for name, (which, fields) in HIGHLIGHT_ACTS.items()
    },
    "getCase": any_case,
    "getThread": any_case,
    "getChanges": any_case,
    "listCaseDrafts": any_case,
    "putDraft": lambda it: (path(it, id=random.choice(GIVEN["cases"]), kind=word("reply", "note"))),
    "getMedia": lambda it: path(it, id=GIVEN["media"][0], media=GIVEN["media"][1]),
    "openCase": lambda it: put(it, {**GIVEN["walk_in"], "channel": None}),
    "findNumber": lambda it: put(it, {"phone": GIVEN["walk_in"]["phone"], "reason": "llama por su caso"}),
    "previewText": lambda it: put(it, {"case": random.choice([*GIVEN["cases"], None]), "language": None}),
    "takeBack": take_back,
    "retryMessage": lambda it: message(it, "failed"),
    "settleMessage": lambda it: message(it, "unknown"),
    "decideFeedback": feedback,
    "decideUnknown": unknown,
    "getPrivacyRequest": privacy_request,
    "decidePrivacyRequest": privacy_request,
    "listPrivacyRequests": lambda it: query(it, state=word("open", "done", "refused", None), limit=2),
    "addCannedReply": lambda it: put(it, new_canned()),
    "putCannedReply": lambda it: canned(it, False),
    "removeCannedReply": lambda it: canned(it, True),
    "addView": add_view,
    "putView": lambda it: view(it, False),
    "removeView": lambda it: view(it, True),
    "addUser": lambda it: put(it, {"name": "u" + uuid.uuid4().hex[:12], "shown_name": "Ana", "roles": [], "office": None}),
    "getUser": lambda it: user(it, None),
    "changeUser": lambda it: user(it, {"shown_name": "Ana Luz", "state": None, "roles": None, "office": None}),
    "changeGrants": lambda it: user(it, {"grants": ["restricted"], "reason": "cubre a Eva"}),
    "resetUser": lambda it: user(it, None),
    "unlockUser": lambda it: user(it, None),
    "listUserSessions": lambda it: user(it, None),
    "endSession": lambda it: path(it, id=take("sessions")),
    "signIn": sign_in,
    "setUp": set_up,
    "releaseSignInLock": release,
    "listOffices": lambda it: path(it, municipality=PLACE),
    "listCategories": lambda it: path(it, municipality=PLACE),
    "getCalendar": lambda it: path(it, municipality=PLACE),
    "getBenchmarks": lambda it: path(it, municipality=PLACE),
    "getChart": chart,
    "putOffice": lambda it: document(it, "offices", False),
    "removeOffice": lambda it: document(it, "offices", True),
    "putCategory": lambda it: document(it, "categories", False),
    "removeCategory": lambda it: document(it, "categories", True),
    "putCalendar": calendar,
    "listColleagues": lambda it: query(it, municipality=PLACE),
    "listLabels": lambda it: query(it, municipality=PLACE),
    "getCaseSeries": lambda it: query(
        it, municipality=PLACE, days=word(7, 30, 90, None), group=word("topic", "office", "day", None)
    ),
    "getDayReport": lambda it: query(
        it,
        date=word("2026-09-21", None),
        municipality=word(PLACE, None),
        format=word("json", "markdown", "csv", None),
    ),
    "listCases": lambda it: query(
        it,
        **word(
            {"queue": word("unassigned", "mine", "due", "waiting", "disputed"), "sort": word("newest", "due")},
            {"state": word("open", "closed", "received"), "category": "water", "municipality": PLACE},
            {"search": word("agua", "fuga OR *", GIVEN["folio"]), "limit": 3},
            {"view": (item("/views", "worker") or {}).get("id")},
            {"after": str(uuid.uuid4())},
            {"assignee": "me", "label": "bache", "priority": "high"},
        ),
    ),
    "listAudit": lambda it: query(it, act=word("case_opened", None), limit=3),
    "listFeedback": lambda it: query(it, state=word("waiting", "shown", "hidden", "asked")),
    "listOutbox": lambda it: query(it, part=word("held", "sent", "failed"), limit=2),
    "listUnknown": lambda it: query(it, state=word("waiting", "answered", "opened", "dismissed")),
    "listSignInLocks": lambda it: query(it, kind=word("account", "source", None)),
    "listNotices": lambda it: query(it, limit=2),
    "seeNotices": lambda it: put(it, {"ids": [n["id"] for n in call("GET", "/notices", "worker").get("items", [])]}),
    "listSessions": lambda it: query(it, limit=2),
    "listUsers": lambda it: query(it, limit=2),
    **{name: (lambda it, name=name: act(name, it)) for name in ACTS},
}

# Operations that must not be done to those who call, lest all that follows be refused.
GUARDED = {"changeUser", "changeGrants", "resetUser", "endSession"}
CALLERS = {it for person in GIVEN["people"].values() for it in (person["id"], person["session"])}
CALLERS.add(GIVEN["spare"])


@schemathesis.hook
def before_call(context, case, kwargs):
    name = case.operation.definition.raw["operationId"]
    if case.method.lower() != case.operation.method.lower():
        return
    if name in GUARDED and (case.path_parameters or {}).get("id") in CALLERS:
        case.path_parameters = {"id": random.choice(GIVEN["users"])}
    if case.meta is not None and case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    with lock:
        reached = any(200 <= it < 300 for it in answers[name])
    if reached and random.random() > HELPED:
        return
    if name in HELP:
        HELP[name](case)
    if any(it.lower() == "idempotency-key" for it in case.headers or {}):
        kept = {it: value for it, value in case.headers.items() if it.lower() != "idempotency-key"}
        case.headers = {**kept, "Idempotency-Key": str(uuid.uuid4())}
    if name in ("signIn", "setUp") and random.random() < 0.3:
        unblock()


@schemathesis.hook
def after_call(context, case, response):
    if case.method.lower() == case.operation.method.lower():
        with lock:
            answers[case.operation.definition.raw["operationId"]][response.status_code] += 1


@atexit.register
def tell():
    with open(os.environ["CABILDO_REACH"], "w", encoding="utf-8") as out:
        json.dump(answers, out)
