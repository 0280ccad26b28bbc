"""Where alerts go: a webhook, e-mail. A channel takes one message at a time, or says why it did not."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any, Protocol

from pydantic import SecretStr

from monps_platform.domain.alerts.incident import Incident, Notice
from monps_platform.domain.alerts.text import headline, message
from monps_platform.settings import Settings
from monps_platform.sources.errors import SourceError
from monps_platform.sources.http import HttpClient

TIMEOUT = 10.0
"""Seconds that a server has to take a message."""


class DeliveryError(Exception):
    """A message was not taken; says which server refused it and why, without a secret."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told of an incident."""

    incident: Incident
    notice: Notice
    cool_down: timedelta

    @property
    def headline(self) -> str:
        """In one line."""
        return headline(self.incident, self.notice)

    @property
    def text(self) -> str:
        """All of it."""
        return message(self.incident, self.notice, self.cool_down)


class Channel(Protocol):
    """A way to people."""

    @property
    def name(self) -> str:
        """What it is called in tables."""

    def send(self, message: Message) -> None:
        """Deliver a message, or raise DeliveryError."""


@dataclass(frozen=True)
class Webhook:
    """A web address that takes JSON: ``text`` for Slack and Mattermost, ``content`` for Discord, and fields for
    programs.
    """

    url: SecretStr
    timeout: float = TIMEOUT
    name: str = field(default="webhook", init=False)

    def send(self, message: Message) -> None:
        """Post a message."""
        client = HttpClient(timeout=self.timeout)
        try:
            client.post_json(self.url.get_secret_value(), document(message))
        except SourceError as error:
            raise DeliveryError(str(error)) from None
        finally:
            client.close()


def document(message: Message) -> dict[str, Any]:
    """A message as JSON."""
    incident = message.incident
    return {
        "text": message.text,
        "content": message.text,
        "status": message.notice.value,
        "kind": incident.kind.value,
        "subject": incident.subject,
        "what": incident.what,
        "where": incident.place,
        "what_to_do": incident.remedy,
        "link": incident.link,
        "since": incident.opened_at.isoformat(),
        "until": None if incident.resolved_at is None else incident.resolved_at.isoformat(),
        "times_seen": incident.times_seen,
    }


@dataclass(frozen=True)
class Email:
    """A mail server that takes plain text for some recipients."""

    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    user: str | None = None
    password: SecretStr | None = None
    security: str = "starttls"
    timeout: float = TIMEOUT
    name: str = field(default="email", init=False)

    def send(self, message: Message) -> None:
        """Hand a message to the server."""
        try:
            with self._connected() as server:
                refused = server.send_message(self._mail(message), self.sender, self.recipients)
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"{self._where}: {_refusal(error)}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{self._where}: {_reason(error)}") from None
        if refused:
            raise DeliveryError(f"{self._where}: it refused {', '.join(sorted(refused))}")

    @property
    def _where(self) -> str:
        return f"{self.host}:{self.port}"

    def _connected(self) -> smtplib.SMTP:
        """A connection on which mail may be sent."""
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password.get_secret_value() if self.password else "")
        except BaseException:
            server.close()
            raise
        return server

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = message.headline
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.recipients)
        mail["Message-ID"] = make_msgid(domain="monps.invalid")
        mail.set_content(message.text)
        return mail


def _refusal(error: smtplib.SMTPResponseException) -> str:
    """What the server answered; not to a login, whose answers may repeat what was sent."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "it refused the login: check MONPS_SMTP_USER and MONPS_SMTP_PASSWORD"
    answer = error.smtp_error
    return f"it answered {error.smtp_code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"


def _reason(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "the server did not answer in time"
        case smtplib.SMTPRecipientsRefused():
            return f"it refused {', '.join(sorted(error.recipients))}"
        case smtplib.SMTPNotSupportedError():
            return "it offers no encryption or no login: see MONPS_SMTP_SECURITY"
        case ssl.SSLError():
            return f"the encrypted connection failed ({error.reason or type(error).__name__}): see MONPS_SMTP_SECURITY"
        case OSError():
            return error.strerror or "cannot connect to the server, or it hung up"
    return "cannot connect to the server, or it hung up"


def configured(settings: Settings) -> tuple[Channel, ...]:
    """The channels that the settings name; none: alerts are recorded, and nobody is told."""
    channels: list[Channel] = []
    if settings.alert_webhook_url is not None:
        channels.append(Webhook(settings.alert_webhook_url))
    recipients = tuple(filter(None, (part.strip() for part in (settings.alert_email_to or "").split(","))))
    if recipients and settings.smtp_host:
        channels.append(
            Email(
                settings.smtp_host,
                settings.smtp_port,
                settings.alert_email_from or recipients[0],
                recipients,
                settings.smtp_user,
                settings.smtp_password,
                settings.smtp_security,
            )
        )
    return tuple(channels)
