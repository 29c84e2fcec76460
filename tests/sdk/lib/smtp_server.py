"""A mail server for tests: wants STARTTLS and a log-in, prints its port and then each mail
as a line of JSON. Arguments: certificate, key."""

import asyncio
import email
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Printer:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content)
        text = mail.get_payload(decode=True).decode()
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos[0],
                          "subject": mail["Subject"], "text": text}), flush=True)
        return "250 taken"


def check(server, session, envelope, mechanism, data):
    good = data.login == b"ros" and data.password == b"smtp secret"
    return AuthResult(success=good)


async def main():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(sys.argv[1], sys.argv[2])
    listener = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Printer(), tls_context=tls, require_starttls=True, authenticator=check,
                     auth_required=True), "127.0.0.1", 0)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()


asyncio.run(main())
