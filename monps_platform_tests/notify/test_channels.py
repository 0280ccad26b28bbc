"""Channels against real servers on loopback: what they send, and what they say when it is not taken."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr, ValidationError

from monps_platform.domain.alerts.incident import Notice
from monps_platform.notify.channels import DeliveryError, Email, Message, Webhook, configured
from monps_platform.notify.delivery import Postman
from monps_platform.settings import PROJECT_ROOT, Settings
from monps_platform_tests.domain.alerts.test_incident import COOL_DOWN, NOON, failing, resolved
from monps_platform_tests.environment import set_variables
from monps_platform_tests.notify.servers import Hook, MailBox, serving_hook, serving_mail

PASSWORD = "Zebra7Quartz"
PATH = "Walrus9Onyx"
ALERT = Message(failing(), Notice.ALERT, COOL_DOWN)


@pytest.fixture
def hook() -> Iterator[Hook]:
    with serving_hook() as served:
        yield served


@pytest.fixture
def box() -> Iterator[MailBox]:
    with serving_mail() as served:
        yield served


def email(box: MailBox, **changes: object) -> Email:
    made = Email("127.0.0.1", box.port, "monps@example.org", ("a@example.org", "b@example.org"), security="none")
    return replace(made, **changes)  # type: ignore[arg-type]  # any field


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_webhook_gets_the_text_as_chat_services_want_it_and_the_parts_for_programs(hook: Hook) -> None:
    Webhook(SecretStr(hook.url)).send(ALERT)
    (document,) = hook.documents
    assert document["text"] == document["content"] == ALERT.text
    assert {name: document[name] for name in ("status", "kind", "subject", "what", "since", "until", "times_seen")} == {
        "status": "alert",
        "kind": "job",
        "subject": "job a_job",
        "what": "it broke",
        "since": NOON.isoformat(),
        "until": None,
        "times_seen": 1,
    }


@pytest.mark.parametrize("status", [302, 404, 429, 500])
def test_a_webhook_that_refuses_is_told_by_its_server_and_status_alone(hook: Hook, status: int) -> None:
    hook.status = status
    with pytest.raises(DeliveryError, match=f"^127.0.0.1: HTTP {status} ") as caught:
        Webhook(SecretStr(hook.url)).send(ALERT)
    assert PATH not in str(caught.value)
    assert hook.documents == []


def test_a_webhook_that_is_away_or_silent_is_told_without_its_address() -> None:
    with pytest.raises(DeliveryError, match=r"^127.0.0.1: cannot connect to the server, or it hung up$"):
        Webhook(SecretStr(f"http://127.0.0.1:{free_port()}/{PATH}")).send(ALERT)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/{PATH}"
        with pytest.raises(DeliveryError, match=r"^127.0.0.1: the server did not answer in time$"):
            Webhook(SecretStr(url), timeout=0.2).send(ALERT)


def test_an_e_mail_has_a_subject_a_sender_all_recipients_and_the_text(box: MailBox) -> None:
    email(box, user="me", password=SecretStr(PASSWORD)).send(ALERT)
    (mail,) = box.mails
    assert (mail["Subject"], mail["From"]) == ("monps: FAILED: job a_job", "monps@example.org")
    assert mail["To"] == "a@example.org, b@example.org"
    assert box.recipients == ["a@example.org", "b@example.org"]
    assert str(mail.get_payload()).strip() == ALERT.text
    assert "AUTH" in box.commands


@pytest.mark.parametrize(
    ("refuses", "said"),
    [
        ("AUTH", "it refused the login: check MONPS_SMTP_USER and MONPS_SMTP_PASSWORD"),
        ("MAIL", "it answered 550 not here"),
        ("RCPT", "it refused a@example.org, b@example.org"),
        ("DATA", "it answered 550 not here"),
    ],
)
def test_a_mail_server_that_refuses_is_told_by_its_name_and_without_the_password(
    box: MailBox, refuses: str, said: str
) -> None:
    box.refuses = refuses
    with pytest.raises(DeliveryError) as caught:
        email(box, user="me", password=SecretStr(PASSWORD)).send(ALERT)
    assert str(caught.value) == f"127.0.0.1:{box.port}: {said}"


def test_a_mail_server_without_encryption_gets_nothing_where_encryption_is_asked_for(box: MailBox) -> None:
    for security in ("starttls", "tls"):
        with pytest.raises(DeliveryError, match="see MONPS_SMTP_SECURITY"):
            email(box, security=security, timeout=0.5).send(ALERT)
    assert box.mails == []
    assert "AUTH" not in box.commands


def test_a_mail_server_that_is_away_is_told(box: MailBox) -> None:
    with pytest.raises(DeliveryError, match="Connection refused"):
        email(box, port=free_port()).send(ALERT)


def test_the_settings_name_the_channels_and_without_any_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured(Settings()) == ()
    set_variables(
        monkeypatch,
        {
            "MONPS_ALERT_WEBHOOK_URL": "https://hooks.example.org/Walrus9Onyx",
            "MONPS_ALERT_EMAIL_TO": "a@example.org, b@example.org",
            "MONPS_SMTP_HOST": "mail.example.org",
            "MONPS_SMTP_USER": "me",
            "MONPS_SMTP_PASSWORD": PASSWORD,
        },
    )
    settings = Settings()
    webhook, mail = configured(settings)
    assert isinstance(mail, Email)
    assert (mail.host, mail.port, mail.sender, mail.security) == ("mail.example.org", 587, "a@example.org", "starttls")
    assert mail.recipients == ("a@example.org", "b@example.org")
    shown = f"{settings!r} {webhook!r} {mail!r}"
    assert PASSWORD not in shown
    assert PATH not in shown


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"MONPS_ALERT_WEBHOOK_URL": PATH}, "it must begin with https://"),
        ({"MONPS_ALERT_EMAIL_TO": "a@example.org"}, "MONPS_ALERT_EMAIL_TO needs MONPS_SMTP_HOST"),
        (
            {"MONPS_SMTP_HOST": "mail.example.org", "MONPS_SMTP_USER": "me", "MONPS_SMTP_SECURITY": "none"},
            "the password would go over the network in the clear",
        ),
        ({"MONPS_ALERT_COOL_DOWN": "70000"}, "less than or equal to 168"),
    ],
)
def test_settings_that_would_lose_an_alert_or_a_secret_are_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    set_variables(monkeypatch, variables)
    with pytest.raises(ValidationError, match=said) as caught:
        Settings()
    assert PATH not in str(caught.value)


def test_what_a_channel_did_not_take_is_kept_and_one_that_failed_is_not_asked_again_in_the_same_round(
    hook: Hook, box: MailBox
) -> None:
    hook.status = 500
    now = [NOON]
    held = {item.subject: item for item in (failing(), replace(failing(), subject="job another"))}
    channels = (Webhook(SecretStr(hook.url)), email(box))
    postman = Postman(channels, COOL_DOWN, lambda item: held.update({item.subject: item}), lambda: now[0])
    done = postman.deliver(held.values())
    assert (done.sent, done.errors) == (2, {"webhook": "127.0.0.1: HTTP 500 Internal Server Error"})
    assert (hook.refused, len(box.mails)) == (1, 2)
    assert {item.delivery_error for item in held.values()} == {"webhook: 127.0.0.1: HTTP 500 Internal Server Error"}
    hook.status = 200
    assert postman.deliver(held.values()).sent == 0  # it waits a minute
    now[0] += timedelta(minutes=1)
    assert postman.deliver(held.values()).sent == 2
    assert {item.delivery_error for item in held.values()} == {None}
    held = {subject: resolved(item, 5) for subject, item in held.items()}
    now[0] = datetime(2026, 11, 28, 12, 6, tzinfo=UTC)
    assert postman.deliver(held.values()).sent == 4
    assert hook.told[-2:] == [("recovery", "job a_job"), ("recovery", "job another")]
    assert all(item.closed_at == now[0] for item in held.values())


def test_the_page_on_alerts_names_every_setting_of_them_and_only_settings_that_there_are() -> None:
    page = (PROJECT_ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    named = {name.removeprefix("MONPS_").lower() for name in re.findall(r"MONPS_[A-Z_]+", page)}
    assert named <= set(Settings.model_fields)
    assert {name for name in Settings.model_fields if name.startswith(("alert_", "smtp_"))} <= named
